import type { RunningSteps } from './running-steps.js';

const lookEveryMs = 10_000;

/**
 * Tells when a process is worn: operations that ignored their abort run on in it, as many as half of its slots, or one of them
 * for longer than `maxOrphanMs`. Nothing but the end of the process ends them.
 */
export function watchWear(
  steps: RunningSteps,
  { concurrency, maxOrphanMs }: { concurrency: number; maxOrphanMs: number },
): { worn: Promise<string>; stop(): void } {
  let tell: ((reason: string) => void) | undefined;
  const worn = new Promise<string>((resolve) => {
    tell = resolve;
  });
  const look = (): void => {
    if (steps.orphans === 0) return;
    if (steps.orphans * 2 >= concurrency) tell?.(`${steps.orphans} operations that ignored their abort still run`);
    else if (steps.oldestOrphanMs > maxOrphanMs) {
      tell?.(`an operation that ignored its abort still runs after ${Math.round(steps.oldestOrphanMs / 1000)} s`);
    }
  };
  steps.onChange = look;
  const timer = setInterval(look, Math.min(lookEveryMs, maxOrphanMs)).unref();
  return { worn, stop: () => clearInterval(timer) };
}
