/*
 * Answers to callers who wait: webhooks-service holds their connections, and a run's messages carry the queue of the
 * instance that does (`carry.replyTo`). An answer is sent after the commit and before the ack of what it follows from,
 * and once more when that is delivered again. It is worth nothing to anybody else, so it is neither stored nor retried:
 * who gets none answers 504 by itself, and drops what comes twice or too late. A run of which a reply step
 * succeeded never gets an `ended`, from whichever orchestrator: it could overtake the reply.
 */
import {
  encodeReplyMessage,
  isJsonObject,
  isReplyQueue,
  type Json,
  type ReplyMessage,
  type ResultMessage,
  type RunId,
  type StepId,
} from '@millrace/contracts';
import { isReplyStep, type Plan } from '@millrace/flow-model';
import { readRunEnds, type SettledSteps, type StepRunState } from '@millrace/persistence';
import type { EngineDeps } from './deps.js';
import { persevere } from './persevere.js';

/** A step run that has ended while a caller waits for what becomes of its run. */
export interface AwaitedStep {
  replyTo: string;
  message: ResultMessage;
  plan: Plan;
  /** Its row, when it had been settled before: what is sent again is what the run log shows. */
  before: StepRunState | undefined;
}

/** Tells the callers who wait what the results mean for them. `ended` are the runs that ended with these results. */
export async function answerCallers(
  deps: EngineDeps,
  steps: AwaitedStep[],
  ended: SettledSteps['ended'],
): Promise<void> {
  if (steps.length === 0) return;
  const replies = steps.flatMap((step) => replyOf(step));
  const replied = new Set(replies.map(({ runId }) => runId));
  const unanswered = steps.filter(({ message }) => !replied.has(message.runId));
  const answers = [...replies, ...(await endsOf(deps, unanswered, ended))];
  const replyTo = new Map(steps.map((step) => [step.message.runId, step.replyTo]));
  await Promise.all(answers.map((answer) => sendReply(deps, replyTo.get(answer.runId), answer)));
  if (answers.length > 0) deps.reached('replies.sent');
}

/** Sends an answer to a caller, if one waits. Never rejects: see above. */
export async function sendReply(deps: EngineDeps, replyTo: string | undefined, message: ReplyMessage): Promise<void> {
  if (replyTo === undefined) return;
  const { kind, runId } = message;
  if (!isReplyQueue(replyTo)) {
    deps.logger.warn({ runId, kind }, 'an answer was not sent: what came back as the queue of the caller is none');
    return;
  }
  try {
    await deps.broker.publish({
      exchange: '',
      routingKey: replyTo,
      body: encodeReplyMessage(message),
      messageId: `${kind}:${runId}`,
      contentType: 'application/json',
      mandatory: false,
      persistent: false,
    });
  } catch (error) {
    deps.logger.debug({ err: error, runId, kind }, 'an answer could not be sent to the caller who waits');
  }
}

/** The answer that a reply step gave, if the step is one and succeeded. */
function replyOf({ message, plan, before }: AwaitedStep): ReplyMessage[] {
  const { runId, stepId, outcome } = message;
  const step = plan.step(stepId);
  if (!step || !isReplyStep(step)) return [];
  if (before) return before.status === 'succeeded' ? replyMessage(runId, before.output) : [];
  return outcome.kind === 'succeeded' ? replyMessage(runId, outcome.outputs[0]) : [];
}

/** The reply with the output of the webhook component's action `reply`; none of an output that is not of its form. */
function replyMessage(runId: RunId, output: Json | undefined): ReplyMessage[] {
  if (!isJsonObject(output)) return [];
  const { status, headers, body } = output;
  if (typeof status !== 'number' || !isJsonObject(headers) || typeof body !== 'string') return [];
  const texts = headers as Record<string, string>;
  return [{ kind: 'reply', runId, status, headers: texts, body, bodyEncoding: 'utf8' }];
}

/** The ends of those runs that have ended, now or before, without a reply. */
async function endsOf(deps: EngineDeps, steps: AwaitedStep[], ended: SettledSteps['ended']): Promise<ReplyMessage[]> {
  const ends = new Map<RunId, ReplyMessage>();
  const asked = new Map<RunId, readonly StepId[]>();
  for (const { message, plan, before } of steps) {
    const { runId } = message;
    const status = ended.get(runId);
    if (status !== undefined && !plan.replies) ends.set(runId, { kind: 'ended', runId, status });
    else if (status !== undefined || before) asked.set(runId, plan.replySteps);
  }
  if (asked.size === 0) return [...ends.values()];
  const found = await persevere(deps, 'reading how runs ended', () => readRunEnds(deps.database, asked));
  for (const { runId, status, replied } of found) if (!replied) ends.set(runId, { kind: 'ended', runId, status });
  return [...ends.values()];
}
