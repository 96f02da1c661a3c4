import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Readable } from 'node:stream';
import type { ProcessLimits } from './protocol.js';

/** Plain JavaScript beside this file, in the sources as in dist. */
const entry = fileURLToPath(new URL('process/main.js', import.meta.url));

/** How a process ended. */
export interface ProcessEnd {
  /** It never became ready. */
  unstarted: boolean;
  /** It ended itself, because its evaluation number `count` (from 1) took too long at expression `leaf`. */
  timeExceeded: { count: number; leaf: number } | undefined;
  /** V8 ends a process whose heap is full. */
  outOfMemory: boolean;
  /** The last expression it told of; requests that are not traced tell of none. */
  leaf: number;
  /** How it ended, for a message. */
  cause: string;
}

export interface SandboxProcessEvents {
  onAnswer: (line: string) => void;
  /** Called once, after the last answer. */
  onEnd: (end: ProcessEnd) => void;
}

export interface SandboxProcess {
  write(lines: string): void;
  /** How much of what was written it has not read yet. */
  backlog(): number;
  /** Lets it end when it has answered everything. */
  finish(): void;
  kill(): void;
  /** Resolves once it is gone. */
  gone: Promise<void>;
}

/**
 * Starts a process that evaluates expressions. A process and not a thread: a thread that fills its heap in one step,
 * as by growing a list, takes the whole process with it, whatever its resource limits say. It gets no environment, so
 * no secret; it cannot turn texts into code.
 */
export function startSandboxProcess(
  limits: ProcessLimits & { memoryLimitMb: number },
  events: SandboxProcessEvents,
): SandboxProcess {
  const { memoryLimitMb, ...own } = limits;
  const flags = [
    `--max-old-space-size=${memoryLimitMb}`,
    '--disallow-code-generation-from-strings',
    '--disable-proto=delete',
  ];
  const child = spawn(process.execPath, [...flags, entry, JSON.stringify(own)], {
    env: { TZ: 'UTC' },
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  let ready = false;
  let leaf = 0;
  let timeExceeded: ProcessEnd['timeExceeded'];
  let lastWords = '';
  let failure: Error | undefined;

  readLines(child.stdout, events.onAnswer);
  readLines(child.stdio[3] as Readable, (notice) => {
    const [word, first, second] = notice.split(' ');
    if (word === 'ready') ready = true;
    else if (word === 'leaf') leaf = Number(first);
    else if (word === 'time') timeExceeded = { count: Number(first), leaf: Number(second) };
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-2_000);
  });
  child.on('error', (error) => {
    failure = error;
  });
  // Writing to a process that has just ended fails; that it ended is told below.
  child.stdin.on('error', () => undefined);

  const gone = once(child, 'close').then(
    () => end(),
    () => end(),
  );

  function end(): void {
    const { exitCode, signalCode } = child;
    const cause = failure?.message ?? (signalCode ? `signal ${signalCode}` : `exit code ${exitCode}`);
    events.onEnd({
      unstarted: !ready,
      timeExceeded,
      // Its own abort, by signal or as a shell reports it; SIGTRAP and SIGILL are V8's immediate crash.
      outOfMemory: ['SIGABRT', 'SIGTRAP', 'SIGILL'].includes(signalCode ?? '') || exitCode === 134,
      leaf,
      cause: ready ? cause : `${cause} ${lastWords}`.trim(),
    });
  }

  return {
    write: (lines) => child.stdin.write(lines),
    backlog: () => child.stdin.writableLength,
    finish: () => child.stdin.end(),
    kill: () => child.kill('SIGKILL'),
    gone,
  };
}

function readLines(stream: Readable, onLine: (line: string) => void): void {
  let begun: string[] = [];
  stream.setEncoding('utf8').on('data', (text: string) => {
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      onLine(begun.length === 0 ? text.slice(start, end) : begun.join('') + text.slice(start, end));
      begun = [];
      start = end + 1;
    }
    if (start < text.length) begun.push(text.slice(start));
  });
}
