import { setTimeout as sleep } from 'node:timers/promises';
import { type ChildExit, type FolderClaim, type OwnedChild, describeExit, startChild } from '@millrace/local-infra';
import { inRepository } from '../repository.js';

const stopTimeoutMs = 20_000;
const healthTimeoutMs = 60_000;
const healthPollMs = 50;
const keptLines = 2_000;
/**
 * As in docker/Dockerfile. A collection of young objects by several threads waits for the slowest of them, and beside other
 * processes on few cores that one waits for a core itself: collecting took twice the time. Millrace grows by replicas.
 */
const nodeFlags = ['--enable-source-maps', '--no-parallel-scavenge'];

export interface ServiceOptions {
  readonly name: string;
  /** The built entry, from the root of the clone. */
  readonly entry: string;
  /** Where its health routes answer. */
  readonly port: number;
  readonly env: Record<string, string>;
  /** Arguments for node itself, such as a memory limit. */
  readonly nodeArguments?: readonly string[];
  readonly onLine?: (line: string) => void;
  readonly claim?: FolderClaim;
}

/** One service as a process of its own. The handle stays valid over restarts. */
export interface Service {
  readonly name: string;
  readonly port: number;
  readonly url: string;
  /** `undefined` while it does not run. */
  readonly pid: number | undefined;
  /** The last lines that it wrote, over all its runs. */
  readonly lines: readonly string[];
  /** Starts the process when it does not run, once with these settings besides. Does not wait until it is healthy. */
  start(env?: Record<string, string>): Promise<void>;
  /** Resolves when it says that it is ready. @throws Error with its last lines when it ends or takes too long. */
  waitHealthy(timeoutMs?: number): Promise<void>;
  /** Asks it to drain and end (SIGTERM) and waits. */
  stop(): Promise<void>;
  /** Ends it as a crash would. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Stops it, starts it again and waits until it is healthy. */
  restart(): Promise<void>;
  /** Called each time the process ends without having been asked to. Returns the function that ends this. */
  onCrash(listener: (exit: ChildExit) => void): () => void;
}

/** Makes a handle; nothing is started yet. */
export function service(options: ServiceOptions): Service {
  const lines: string[] = [];
  const crashListeners = new Set<(exit: ChildExit) => void>();
  let child: OwnedChild | undefined;
  let asked = false;

  function take(line: string): void {
    lines.push(line);
    if (lines.length > keptLines) lines.splice(0, keptLines / 2);
    options.onLine?.(line);
  }

  const self: Service = {
    name: options.name,
    port: options.port,
    url: `http://127.0.0.1:${options.port}`,
    get pid() {
      return child?.pid;
    },
    lines,
    async start(env = {}) {
      if (child) return;
      asked = false;
      const started = await startChild({
        name: options.name,
        command: process.execPath,
        args: [...nodeFlags, ...(options.nodeArguments ?? []), inRepository(options.entry)],
        env: { ...processEnv(), ...options.env, ...env },
        cwd: inRepository(),
        output: { onLine: take },
        stopSignal: 'SIGTERM',
        stopTimeoutMs,
        ...(options.claim ? { claim: options.claim } : {}),
      });
      child = started;
      void started.exited.then((exit) => {
        child = undefined;
        if (!asked) for (const listener of crashListeners) listener(exit);
      });
    },
    async waitHealthy(timeoutMs = healthTimeoutMs) {
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        const watched = child;
        if (!watched) throw new Error(`${options.name} does not run:\n${lines.slice(-15).join('\n')}`);
        if (await isReady(options.port)) return;
        const exit = watched.exit() && (await watched.exited);
        if (exit) throw new Error(`${options.name} ${describeExit(exit)}:\n${lines.slice(-15).join('\n')}`);
        if (Date.now() > deadline) {
          const waited = Math.round(timeoutMs / 1000);
          throw new Error(`${options.name} was not ready after ${waited} s:\n${lines.slice(-15).join('\n')}`);
        }
        await sleep(healthPollMs);
      }
    },
    async stop() {
      asked = true;
      await child?.stop();
    },
    async kill(signal = 'SIGKILL') {
      asked = true;
      const killed = child;
      killed?.signal(signal);
      await killed?.exited;
    },
    async restart() {
      await self.stop();
      await self.start();
      await self.waitHealthy();
    },
    onCrash(listener) {
      crashListeners.add(listener);
      return () => crashListeners.delete(listener);
    },
  };
  return self;
}

async function isReady(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(2_500) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/** A service sees of our environment only what makes programs run, so nothing of the shell changes what it does. */
function processEnv(): NodeJS.ProcessEnv {
  const names = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR', 'NODE_EXTRA_CA_CERTS', 'NODE_OPTIONS'];
  return Object.fromEntries(names.map((name) => [name, process.env[name]]));
}
