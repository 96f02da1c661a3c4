import { setTimeout as sleep } from 'node:timers/promises';
import { type ProcessIdentity, isRunning } from './process-identity.js';

const pollMs = 25;

/** Sends a signal to a process group led by `pid`, or to the process alone when it leads none. False: nobody there. */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, signal);
      return true;
    } catch {
      // ESRCH: no such group or process; EPERM: it is not ours. The process itself is tried next.
    }
  }
  return false;
}

/** Resolves true once the process is gone, false when it still runs after `timeoutMs`. */
export async function waitForExit(identity: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (isRunning(identity)) {
    if (Date.now() >= deadline) return false;
    await sleep(pollMs);
  }
  return true;
}

/** Ends a process that is not our child: the given signal to its group, SIGKILL when it has not gone in time. */
export async function endProcess(identity: ProcessIdentity, signal: NodeJS.Signals, timeoutMs: number): Promise<void> {
  if (!isRunning(identity)) return;
  signalGroup(identity.pid, signal);
  if (await waitForExit(identity, timeoutMs)) return;
  signalGroup(identity.pid, 'SIGKILL');
  await waitForExit(identity, timeoutMs);
}
