import type { OutgoingMessage } from '@millrace/amqp';
import { encodeResultMessage, queues, stepMessageId, type StepAddress, type StepError } from '@millrace/contracts';

/**
 * The result of a step run that fails without its component: it goes through the queue of results like every other, so
 * there is one way only on which a step run ends. With `replyTo` the caller who waits there hears of the run's end.
 */
export function failedResult(address: StepAddress, error: StepError, replyTo?: string): OutgoingMessage {
  const { workspaceId, flowId, versionId, runId, stepId, path, attempt } = address;
  const now = Date.now();
  return {
    exchange: '',
    routingKey: queues.results,
    body: encodeResultMessage({
      workspaceId,
      flowId,
      versionId,
      runId,
      stepId,
      path,
      attempt,
      outcome: { kind: 'failed', error, retry: { kind: 'never' } },
      logs: [],
      component: { name: '', version: '' },
      startedAt: now,
      finishedAt: now,
      carry: replyTo === undefined ? { steps: {} } : { steps: {}, replyTo },
    }),
    messageId: stepMessageId(address),
    contentType: 'application/json',
  };
}
