import { signalGroup } from './process-group.js';
import { type ProcessIdentity, isRunning } from './process-identity.js';

/**
 * Children run in process groups of their own, so a Ctrl-C in the terminal reaches only this process, which stops them
 * in order. This file is the net below: when this process ends without having stopped them, it ends them.
 */
export interface GuardedChild {
  readonly identity: ProcessIdentity;
  readonly stopSignal: NodeJS.Signals;
}

const politeMs = 5_000;
const pollMs = 20;
const signals = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;
const guarded = new Set<GuardedChild>();
let installed = false;

/** Ends the child when this process exits. Returns the function that takes the guard away. */
export function guardChild(child: GuardedChild): () => void {
  if (!installed) install();
  guarded.add(child);
  return () => guarded.delete(child);
}

function install(): void {
  installed = true;
  process.on('exit', endAll);
  for (const [signal, number] of Object.entries(signals)) {
    process.on(signal, () => {
      // When someone else listens too, that code decides how the process ends, and `exit` still ends the children.
      if (process.listenerCount(signal) === 1) process.exit(128 + number);
    });
  }
}

/** Runs while the process exits, so it may not wait asynchronously. */
function endAll(): void {
  for (const child of guarded) signalGroup(child.identity.pid, child.stopSignal);
  const deadline = Date.now() + politeMs;
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  while ([...guarded].some((child) => isRunning(child.identity)) && Date.now() < deadline) {
    Atomics.wait(sleeper, 0, 0, pollMs);
  }
  for (const child of guarded) if (isRunning(child.identity)) signalGroup(child.identity.pid, 'SIGKILL');
}
