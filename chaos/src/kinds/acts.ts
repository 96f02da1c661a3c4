import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiClient, ApiError } from '@millrace/dev';
import { readPlainAnswer } from './call.js';
import type { FlowUnderTest, Verdict } from './kind.js';

const pauseMs = 250;

/** How an act through the API ended: with its answer, with a refusal, or cut, so that it may have happened or not. */
export type Act<T> =
  | { readonly outcome: 'answered'; readonly answer: T }
  | { readonly outcome: 'refused'; readonly status: number }
  | { readonly outcome: 'cut' };

export async function act<T>(api: ApiClient, path: string, body: object = {}): Promise<Act<T>> {
  try {
    return { outcome: 'answered', answer: await api.post<T>(path, body) };
  } catch (error) {
    if (error instanceof ApiError) return { outcome: 'refused', status: error.status };
    if (error instanceof TypeError || error instanceof DOMException) return { outcome: 'cut' };
    throw error;
  }
}

/** An accepted request that somebody still has to act on. */
export interface Acceptee {
  readonly number: number;
  readonly requestId: string;
}

/**
 * The two halves of a kind that somebody acts on: `read` keeps what was accepted, and `meanwhile` hands it out one by one;
 * what resolves `again` comes once more after a while. What is left when the storm is over stays as it is.
 */
export function actingOn(
  handle: (acceptee: Acceptee) => Promise<'over' | 'again'>,
): Required<Pick<FlowUnderTest, 'read' | 'meanwhile'>> {
  const waiting: Acceptee[] = [];
  return {
    async read(answer, number): Promise<Verdict> {
      const verdict = await readPlainAnswer(answer);
      if (verdict.outcome === 'accepted') waiting.push({ number, requestId: verdict.requestId });
      return verdict;
    },
    async meanwhile(stopping) {
      // What came before the storm is none of its business.
      waiting.length = 0;
      while (!stopping.aborted) {
        const next = waiting.shift();
        if (next && (await handle(next)) === 'again') waiting.push(next);
        if (!next || waiting.length < 3) await sleep(pauseMs);
      }
    },
  };
}
