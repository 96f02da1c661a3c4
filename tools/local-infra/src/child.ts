import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FolderClaim } from './folder-claim.js';
import { guardChild } from './parent-exit.js';
import { signalGroup } from './process-group.js';
import { identityOf } from './process-identity.js';
import { lastLines } from './run-command.js';

const keptLogBytes = 4 * 1024 * 1024;
const keptLines = 400;
const killWaitMs = 5_000;
const drainMs = 500;

export interface ChildOptions {
  /** What messages call it. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** The user to run as, when this process may choose. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Both streams go to this file, or line by line to this function. */
  readonly output: { readonly file: string } | { readonly onLine: (line: string) => void };
  /** Asks the process to end by itself. */
  readonly stopSignal: NodeJS.Signals;
  readonly stopTimeoutMs: number;
  /** Where the process is recorded, so that a later run can end it if this one cannot. */
  readonly claim?: FolderClaim;
}

/** How a process ended. */
export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process of ours in a process group of its own. */
export interface OwnedChild {
  readonly name: string;
  readonly pid: number;
  /** Resolves when the process has ended, for whatever reason. */
  readonly exited: Promise<ChildExit>;
  /** How it ended; `undefined` while it runs. */
  exit(): ChildExit | undefined;
  /** Sends a signal to the whole group. */
  signal(signal: NodeJS.Signals): void;
  /** Asks it to end, waits, and kills it when it takes longer than `stopTimeoutMs`. Safe to call again. */
  stop(): Promise<ChildExit>;
  /** Kills it without warning and waits until it is gone. */
  kill(): Promise<ChildExit>;
  /** The last lines that it wrote. */
  logTail(lineCount?: number): string;
}

/** Starts a process that ends with this one: see `parent-exit.ts` and, for a parent that is killed, `boundToParent`. */
export async function startChild(options: ChildOptions): Promise<OwnedChild> {
  const { command, args } = boundToParent(options);
  const lines: string[] = [];
  const child = options.output && 'file' in options.output ? toFile(options.output.file) : toLines();

  function toFile(file: string): ChildProcess {
    const fd = openSync(file, isLong(file) ? 'w' : 'a', 0o600);
    try {
      return spawn(command, args, { ...spawnOptions(options), stdio: ['ignore', fd, fd] });
    } finally {
      closeSync(fd);
    }
  }

  function toLines(): ChildProcess {
    const started = spawn(command, args, { ...spawnOptions(options), stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [started.stdout, started.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        if (lines.length > keptLines) lines.splice(0, keptLines / 2);
        if ('onLine' in options.output) options.output.onLine(line);
      });
    }
    return started;
  }

  let ended: ChildExit | undefined;
  const drained = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const exited = new Promise<ChildExit>((resolve) => {
    child.once('exit', (code, signal) => {
      const exit = { code, signal };
      ended = exit;
      unguard();
      options.claim?.forget(options.name);
      // Its last lines may still be on their way; a grandchild that keeps the pipe open is not waited for.
      void Promise.race([drained, sleep(drainMs, undefined, { ref: false })]).then(() => resolve(exit));
    });
  });
  let unguard = (): void => {};
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`${options.name} could not be started: ${error.message}`)));
    child.once('spawn', () => resolve(child.pid as number));
  });
  const identity = identityOf(pid);
  if (identity) {
    const removeGuard = guardChild({ identity, stopSignal: options.stopSignal });
    unguard = () => void removeGuard();
    options.claim?.record(options.name, pid, options.stopSignal);
  }

  const end = async (signal: NodeJS.Signals, timeoutMs: number): Promise<ChildExit> => {
    if (ended) return ended;
    signalGroup(pid, signal);
    const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), timeoutMs);
    const result = await exited;
    clearTimeout(timer);
    return result;
  };
  return {
    name: options.name,
    pid,
    exited,
    exit: () => ended,
    signal: (signal) => void (ended ?? signalGroup(pid, signal)),
    stop: () => end(options.stopSignal, options.stopTimeoutMs),
    kill: () => end('SIGKILL', killWaitMs),
    logTail: (lineCount = 15) =>
      lastLines('file' in options.output ? readText(options.output.file) : lines.join('\n'), lineCount),
  };
}

/** How an exit reads in a message. */
export function describeExit(exit: ChildExit): string {
  return exit.signal ? `ended by ${exit.signal}` : `exited with code ${exit.code ?? 'unknown'}`;
}

function spawnOptions(options: ChildOptions) {
  return {
    detached: true,
    env: options.env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...options.user,
  };
}

/**
 * On Linux the kernel can signal a process when its parent dies, even by SIGKILL. `setpriv` (util-linux) asks for that
 * and then becomes the command, keeping the pid. Elsewhere a folder claim ends the leftover at the next start.
 */
function boundToParent(options: ChildOptions): { command: string; args: string[] } {
  if (!canBindToParent()) return { command: options.command, args: [...options.args] };
  const signalName = options.stopSignal.replace(/^SIG/, '');
  return { command: 'setpriv', args: ['--pdeathsig', signalName, options.command, ...options.args] };
}

let bindable: boolean | undefined;

function canBindToParent(): boolean {
  bindable ??=
    process.platform === 'linux' &&
    spawnSync('setpriv', ['--pdeathsig', 'TERM', 'true'], { stdio: 'ignore' }).status === 0;
  return bindable;
}

function isLong(file: string): boolean {
  try {
    return statSync(file).size > keptLogBytes;
  } catch {
    return false;
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
