import { createHttp, type StepAbort, type HttpPools, type StepHttp } from '@millrace/component-sdk';
import type { RpcReply } from '@millrace/contracts';
import type { Mask } from '@millrace/credentials';
import type { StepDeps } from './run-step.js';
import { Interruption, type RunningQuestion } from './running-steps.js';
import { failureOf } from './step-failure.js';

const maxAnswerMs = 30_000;

/** What the work on a question has. */
export interface QuestionDeps extends StepDeps {
  question: RunningQuestion;
}

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
  question: RunningQuestion,
  { timeoutMs, mask, inVain }: { timeoutMs: number; mask: Mask; inVain: string },
  work: (time: QuestionTime) => unknown,
): Promise<RpcReply> {
  const withinMs = Math.min(timeoutMs, maxAnswerMs);
  const { abort } = question;
  const timer = setTimeout(() => abort.abort(new CallTimeout()), withinMs);
  try {
    const working = (async () => work({ abort, deadlineAt: Date.now() + withinMs }))();
    question.work = working;
    return { ok: true, value: await abort.bound(working) };
  } catch (error) {
    if (abort.reason instanceof CallTimeout) return refusal('timeout', `${inVain} within ${withinMs} ms`);
    if (abort.reason instanceof Interruption) return interrupted();
    return { ok: false, error: failureOf(error, mask).error };
  } finally {
    clearTimeout(timer);
  }
}

/** The answer to what was not worked on to its end because the process ends. */
export function interrupted(): RpcReply {
  return refusal('component_restarted', 'The component was restarted before it could answer: ask again');
}

export function refusal(code: string, message: string): RpcReply {
  return { ok: false, error: { code, message, detail: null } };
}
