import { type ChildExit, describeExit } from '@millrace/local-infra';
import type { Service } from '../stack/service.js';

const shortestDelayMs = 500;
const longestDelayMs = 30_000;
/** A service that ran this long begins anew with short delays. */
const soundRunMs = 30_000;
/** From this number of quick crashes on it is said that starting again does not help. */
const loopAfter = 4;

/** What a supervision needs of a service. */
export type Supervised = Pick<Service, 'pid' | 'start' | 'onCrash'>;

/** The delay before the next start after so many crashes in a row. */
export function restartDelayMs(crashes: number): number {
  return Math.min(longestDelayMs, shortestDelayMs * 2 ** (crashes - 1));
}

/**
 * Starts a service again whenever it ends by itself, after a delay that grows while it keeps crashing.
 * Returns the function that ends the supervision.
 */
export function supervise(service: Supervised, remark: (text: string) => void): () => void {
  let crashes = 0;
  let startedAt = Date.now();
  let timer: NodeJS.Timeout | undefined;
  let over = false;

  const startAgain = (): void => {
    startedAt = Date.now();
    service.start().then(
      () => remark(`started again (process ${service.pid ?? '?'})`),
      (error: unknown) => {
        remark(error instanceof Error ? error.message : String(error));
        onCrash({ code: null, signal: null });
      },
    );
  };
  const onCrash = (exit: ChildExit): void => {
    if (over) return;
    crashes = Date.now() - startedAt > soundRunMs ? 1 : crashes + 1;
    const delayMs = restartDelayMs(crashes);
    const loop = crashes >= loopAfter ? `${crashes} times in a row, see its lines above; ` : '';
    remark(`${describeExit(exit)}, ${loop}starts again in ${delayMs / 1000} s`);
    timer = setTimeout(startAgain, delayMs);
  };
  const removeListener = service.onCrash(onCrash);
  return () => {
    over = true;
    clearTimeout(timer);
    removeListener();
  };
}
