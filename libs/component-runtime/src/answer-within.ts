import { createHttp, StepAbort, type HttpPools, type StepHttp } from '@millrace/component-sdk';
import type { RpcReply } from '@millrace/contracts';
import type { Mask } from '@millrace/credentials';
import { failureOf } from './step-failure.js';

const maxAnswerMs = 30_000;

/** How long a question may be worked on. */
export interface QuestionTime {
  abort: StepAbort;
  /** Milliseconds since the epoch. */
  deadlineAt: number;
}

/** The calls to other systems that answering a question takes. */
export function questionHttp(pools: HttpPools, time: QuestionTime): StepHttp {
  return createHttp({ pools, ...time, record: () => undefined });
}

class CallTimeout extends Error {
  override readonly name = 'CallTimeout';
}

/**
 * Answers a question with what `work` resolves, within the time that the caller gives, 30 s at most. What goes wrong is the
 * answer, with secrets masked; after its time the work is aborted and left behind, and `inVain` says what it was for.
 */
export async function answerWithin(
  { timeoutMs, mask, inVain }: { timeoutMs: number; mask: Mask; inVain: string },
  work: (time: QuestionTime) => unknown,
): Promise<RpcReply> {
  const withinMs = Math.min(timeoutMs, maxAnswerMs);
  const abort = new StepAbort();
  const timer = setTimeout(() => abort.abort(new CallTimeout()), withinMs);
  try {
    const value = await abort.bound((async () => work({ abort, deadlineAt: Date.now() + withinMs }))());
    return { ok: true, value };
  } catch (error) {
    if (abort.aborted) return refusal('timeout', `${inVain} within ${withinMs} ms`);
    return { ok: false, error: failureOf(error, mask).error };
  } finally {
    clearTimeout(timer);
  }
}

export function refusal(code: string, message: string): RpcReply {
  return { ok: false, error: { code, message, detail: null } };
}
