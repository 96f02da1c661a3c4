import { write, writeSync } from 'node:fs';

/** Where the logger puts its lines. */
export interface LineWriter {
  write(line: string): void;
  /** Writes what is buffered before it returns. */
  flushSync(): void;
}

/** A reader that is alive but slow gets this long when the process exits; after that its lines are dropped. */
const FLUSH_LIMIT_MS = 5_000;
const RETRY_MS = 20;

/**
 * Writes lines to a file descriptor without blocking: one write at a time, lines that come meanwhile wait in memory and go
 * out together. When the reader is gone (EPIPE) or the descriptor cannot be written for another reason, all further lines
 * are dropped: there is nowhere to tell it, and a process must not hang at its end for the sake of its log.
 */
export function createLineWriter(fd: number): LineWriter {
  let waiting = '';
  /** What the write that is under way has not put out yet. */
  let writing: Buffer | undefined;
  /** Set while that waits for a full pipe; it is not with the operating system then. */
  let retry: NodeJS.Timeout | undefined;
  let broken = false;

  function start(): void {
    writing = Buffer.from(waiting);
    waiting = '';
    proceed();
  }

  function proceed(): void {
    retry = undefined;
    const chunk = writing;
    if (!chunk) return;
    write(fd, chunk, 0, chunk.length, null, (error, written) => {
      if (error && isBusy(error)) {
        retry = setTimeout(proceed, RETRY_MS);
        return;
      }
      if (error) giveUp();
      if (broken) return;
      writing = written < chunk.length ? chunk.subarray(written) : undefined;
      if (writing) proceed();
      else if (waiting !== '') start();
    });
  }

  function giveUp(): void {
    broken = true;
    waiting = '';
    writing = undefined;
  }

  return {
    write(line) {
      if (broken) return;
      waiting += line;
      if (!writing) start();
    },
    // What is under way with the operating system is left to it: written here, too, it could come out twice.
    flushSync() {
      let rest = Buffer.from(waiting);
      waiting = '';
      if (retry && writing) {
        clearTimeout(retry);
        retry = undefined;
        rest = Buffer.concat([writing, rest]);
        writing = undefined;
      }
      const deadline = performance.now() + FLUSH_LIMIT_MS;
      while (rest.length > 0 && !broken) {
        try {
          rest = rest.subarray(writeSync(fd, rest));
        } catch (error) {
          if (!isBusy(error) || performance.now() > deadline) giveUp();
          else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
        }
      }
    },
  };
}

let ofProcess: LineWriter | undefined;

/** The writer to the standard output that all loggers of the process share; flushed when the process exits. */
export function standardOutput(): LineWriter {
  if (!ofProcess) {
    const writer = createLineWriter(1);
    process.on('exit', () => writer.flushSync());
    ofProcess = writer;
  }
  return ofProcess;
}

/** A pipe in non-blocking mode that is full. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EAGAIN' || error.code === 'EBUSY');
}
