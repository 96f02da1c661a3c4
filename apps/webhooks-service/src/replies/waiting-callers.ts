import type { ReplyMessage, RunId } from '@millrace/contracts';

/*
 * Callers whose connection is held until their run answers.
 *
 *   expect ─▶ silent ──begin──▶ waiting ── reply, end of the run, time, hang-up or drain ──▶ settled, forgotten
 *                └──────── reply or end of the run: it may come before the confirm ─────────▶
 */

/** What a caller's wait ended with. */
export type Heard = ReplyMessage | { kind: 'timeout' } | { kind: 'gone' };

export interface WaitingCaller {
  /** Never rejects. */
  readonly heard: Promise<Heard>;
  /** From now on the time counts: the run is certain to begin. */
  begin(timeoutMs: number): void;
  /** Nobody waits any more. */
  leave(): void;
}

export interface WaitingCallers {
  /** To be called before the run can answer, so before its trigger is published. */
  expect(runId: RunId): WaitingCaller;
  /** Hands an answer to the caller that waits for it; drops it when there is none. */
  settle(message: ReplyMessage): void;
  /** No wait lasts longer than this from now on. */
  drain(withinMs: number): void;
  readonly count: number;
}

export function createWaitingCallers(): WaitingCallers {
  const waiting = new Map<RunId, (heard: Heard) => void>();
  let latestEndMs = Infinity;

  return {
    expect(runId) {
      let timer: NodeJS.Timeout | undefined;
      let settled = false;
      let resolve: (heard: Heard) => void;
      const heard = new Promise<Heard>((resolveHeard) => (resolve = resolveHeard));
      const settle = (what: Heard): void => {
        settled = true;
        clearTimeout(timer);
        waiting.delete(runId);
        resolve(what);
      };
      waiting.set(runId, settle);
      return {
        heard,
        begin(timeoutMs) {
          if (settled) return;
          const boundedMs = Math.min(timeoutMs, Math.max(0, latestEndMs - performance.now()));
          timer = setTimeout(() => settle({ kind: 'timeout' }), boundedMs);
        },
        leave: () => settle({ kind: 'gone' }),
      };
    },

    settle(message) {
      waiting.get(message.runId)?.(message);
    },

    drain(withinMs) {
      latestEndMs = performance.now() + withinMs;
      setTimeout(() => {
        for (const settle of waiting.values()) settle({ kind: 'timeout' });
      }, withinMs).unref();
    },

    get count() {
      return waiting.size;
    },
  };
}
