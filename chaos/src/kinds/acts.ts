import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiClient, ApiError } from '@millrace/dev';
import { readPlainAnswer } from './call.js';
import type { FlowUnderTest, Verdict } from './kind.js';

const pauseMs = 250;
const lookEveryMs = 50;
/** Of a kind; what comes beyond waits, so that a storm does not end in one of calls. */
const handledAtOnce = 8;

/** How an act through the API ended: with its answer, with a refusal, or cut, so that it may have happened or not. */
export type Act<T> =
  | { readonly outcome: 'answered'; readonly answer: T }
  | { readonly outcome: 'refused'; readonly status: number }
  | { readonly outcome: 'cut' };

export function act<T>(api: ApiClient, path: string, body: object = {}): Promise<Act<T>> {
  return tried(() => api.post<T>(path, body));
}

/** What the API shows; `undefined` while it is away, or has nothing at the path. */
export async function look<T>(api: ApiClient, path: string): Promise<T | undefined> {
  const seen = await tried(() => api.get<T>(path));
  return seen.outcome === 'answered' ? seen.answer : undefined;
}

/** Does it again until it is answered; an answer that says no but for now is an error. */
export async function insist(api: ApiClient, path: string, body: object = {}): Promise<void> {
  for (;;) {
    const insisted = await act(api, path, body);
    if (insisted.outcome === 'answered') return;
    if (insisted.outcome === 'refused' && insisted.status < 500 && insisted.status !== 429) {
      throw new Error(`POST ${path} was answered ${insisted.status}.`);
    }
    await sleep(pauseMs);
  }
}

async function tried<T>(call: () => Promise<T>): Promise<Act<T>> {
  try {
    return { outcome: 'answered', answer: await call() };
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

type Handle = (acceptee: Acceptee) => Promise<'over' | 'again'>;

/**
 * The two halves of a kind that somebody acts on: `read` keeps what was accepted, and `meanwhile` hands it out one by one;
 * what resolves `again` comes once more after a while. What is left when the storm is over stays as it is.
 */
export function actingOn(handle: Handle): Required<Pick<FlowUnderTest, 'read' | 'meanwhile'>> {
  const { read, throughout, forget } = keeping(handle);
  return {
    read,
    async meanwhile(stopping) {
      // What came before the storm is none of its business.
      forget();
      await throughout(stopping);
      forget();
    },
  };
}

/** The same throughout, and nothing is left. */
export function attendingTo(handle: Handle): Required<Pick<FlowUnderTest, 'read' | 'throughout' | 'pending'>> {
  const { read, throughout, pending } = keeping(handle);
  return { read, throughout, pending };
}

/** What `keeping` gives. */
interface Keeping {
  readonly add: (acceptee: Acceptee) => void;
  readonly read: (answer: Response, number: number) => Promise<Verdict>;
  readonly throughout: (over: AbortSignal) => Promise<void>;
  readonly pending: () => number;
  readonly forget: () => void;
}

/** Hands out what it is given with `add`, or reads to be accepted, until it is over. */
export function keeping(handle: Handle): Keeping {
  const kept = new Map<Acceptee, number>();
  const add = (acceptee: Acceptee): void => void kept.set(acceptee, 0);

  async function handOut(acceptee: Acceptee): Promise<void> {
    // To the end: who is next in turn is who waits longest.
    kept.delete(acceptee);
    kept.set(acceptee, performance.now() + pauseMs);
    if ((await handle(acceptee)) === 'over') kept.delete(acceptee);
  }

  return {
    add,
    read: async (answer, number) => {
      const verdict = await readPlainAnswer(answer);
      if (verdict.outcome === 'accepted') add({ number, requestId: verdict.requestId });
      return verdict;
    },
    throughout: async (over) => {
      while (!over.aborted) {
        const now = performance.now();
        const ready = [...kept].filter(([, notBefore]) => notBefore <= now).slice(0, handledAtOnce);
        await Promise.all(ready.map(([acceptee]) => handOut(acceptee)));
        if (ready.length === 0) await sleep(lookEveryMs);
      }
    },
    pending: () => kept.size,
    forget: () => kept.clear(),
  };
}
