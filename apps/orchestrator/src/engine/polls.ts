import { maxSnapshotBytes, rootPath, type ResultMessage, type StepError } from '@millrace/contracts';
import type { Plan } from '@millrace/flow-model';
import { endEmptyPolls, endsOfPolls, type AlsoWritten, type EmptyPoll, type PollEnd } from '@millrace/persistence';
import type { EngineDeps } from './deps.js';
import { mapped, mapSandboxed, needsSandbox, type Followed, type Settled } from './follow.js';
import { persevere } from './persevere.js';
import type { EndedResult } from './waits.js';

/** Whether a result is that of the trigger step of a flow with a schedule. */
export function isPollResult(plan: Plan, { stepId, path }: ResultMessage): boolean {
  return plan.schedule !== undefined && path === rootPath && stepId === plan.trigger.id;
}

/** The result as a failed one when its snapshot is larger than may be kept, whatever hosts the component. */
export function withBoundedSnapshot(message: EndedResult): EndedResult {
  const { outcome } = message;
  if (outcome.kind === 'failed' || outcome.snapshot === undefined) return message;
  const sizeBytes = Buffer.byteLength(JSON.stringify(outcome.snapshot));
  if (sizeBytes <= maxSnapshotBytes) return message;
  const error: StepError = {
    code: 'snapshot_too_large',
    message: `The snapshot has ${sizeBytes} bytes, and ${maxSnapshotBytes} are allowed: the component must keep less in it.`,
    detail: { sizeBytes, limitBytes: maxSnapshotBytes },
  };
  return { ...message, outcome: { kind: 'failed', error, retry: { kind: 'never' } } };
}

/**
 * Ends polls. What a poll found, its snapshot and that the next one may begin are one transaction, so that a kill at any
 * point leaves all of it or nothing. The run of a poll that found nothing goes, unless it has something to tell: a
 * warning, an error, or an attempt that failed. `settle` settles and sends what follows, as of every other result.
 */
export async function endPolls(
  deps: EngineDeps,
  polls: Followed[],
  settle: (settled: Settled[], also: AlsoWritten) => Promise<void>,
): Promise<void> {
  const empty = polls.filter(isEmpty);
  const gone =
    empty.length === 0
      ? new Set<string>()
      : await persevere(deps, 'ending polls', () => endEmptyPolls(deps.database, empty.map(emptyPoll)));
  if (gone.size > 0) deps.reached('results.pollRemoved');
  const left = polls.filter(({ message }) => !gone.has(message.runId));
  if (left.length === 0) return;
  const sandboxed = left.filter(needsSandbox);
  const settled = [
    ...left.filter((followed) => !needsSandbox(followed)).map(mapped),
    ...(sandboxed.length === 0 ? [] : await mapSandboxed(deps, sandboxed)),
  ];
  await settle(settled, endsOfPolls(settled.map(({ message }) => endOf(message))));
}

function isEmpty({ message: { outcome, logs, attempt } }: Followed): boolean {
  if (outcome.kind === 'failed' || outcome.outputs.length > 0 || attempt > 1) return false;
  return logs.every(({ level }) => level === 'debug' || level === 'info');
}

function emptyPoll({ message }: Followed): EmptyPoll {
  return { ...endOf(message), runId: message.runId, triggerStepId: message.stepId, attempt: message.attempt };
}

function endOf({ flowId, outcome }: EndedResult): PollEnd {
  const snapshot = outcome.kind === 'failed' ? undefined : outcome.snapshot;
  return { flowId, snapshot: snapshot === undefined ? undefined : JSON.stringify(snapshot) };
}
