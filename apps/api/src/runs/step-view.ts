import { hookRequestInput, isPollRequest, readPoll, type LogEntry } from '@millrace/contracts';
import type { FailedAttempt, ListedStepRow, RunRequestRow, StepRunRow } from '@millrace/persistence';
import type { StepMask } from './step-masks.js';
import type { Elided, PayloadPartName, StepRun } from './schemas.js';

/** A step run as runs show it, its secrets hidden. `request` is the stored request of its run; without it that is left out. */
export function stepView(step: ListedStepRow, request: RunRequestRow | undefined, mask: StepMask): StepRun {
  const elided = step.elided.map(({ part, sizeBytes }) =>
    elidedView(step, part === 'attempts' ? 'attemptErrors' : part, sizeBytes),
  );
  const trigger = triggerInput(step, request);
  if (step.path === '' && trigger?.elided !== false) {
    elided.unshift(elidedView(step, 'input', request?.bodyBytes ?? 0));
  }
  return {
    stepId: step.stepId,
    path: step.path,
    flowVersion: step.flowVersion,
    status: step.status,
    // A step that waits to be tried again holds the number of the attempt that it waits for.
    attempts: step.status === 'waiting' && step.waitingFor === null ? step.attempt - 1 : step.attempt,
    attemptErrors: attemptErrorViews(step.attempts ?? []),
    nextAttemptAt: step.nextAttemptAt?.toISOString() ?? null,
    waitingFor: step.waitingFor,
    waitsUntil: step.waitsUntil?.toISOString() ?? null,
    input: trigger ? trigger.input : mask.input(step.input),
    output: outputView(step, mask),
    outputCount: step.outputCount,
    error: step.error,
    logs: logViews(step.logs ?? []),
    elided,
    componentVersion: step.componentVersion,
    startedAt: step.startedAt.toISOString(),
    finishedAt: step.finishedAt?.toISOString() ?? null,
  };
}

/** An output as it is shown: where there are none or several they are a list, and each is an output. */
export function outputView(
  { output, outputCount }: Pick<StepRunRow, 'output' | 'outputCount'>,
  mask: Pick<StepMask, 'output'>,
): StepRun['output'] {
  if (outputCount === 1 || !Array.isArray(output)) return mask.output(output);
  return output.map((one) => mask.output(one));
}

export function attemptErrorViews(attempts: readonly FailedAttempt[]): StepRun['attemptErrors'] {
  return attempts.map(({ attempt, error, startedAt, finishedAt }) => ({
    attempt,
    error,
    startedAt: new Date(startedAt).toISOString(),
    finishedAt: new Date(finishedAt).toISOString(),
  }));
}

export function logViews(logs: readonly LogEntry[]): StepRun['logs'] {
  return logs.map(({ time, ...entry }) => ({ ...entry, time: new Date(time).toISOString() }));
}

function elidedView({ runId, stepId, path }: StepRunRow, part: PayloadPartName, sizeBytes: number): Elided {
  const query = new URLSearchParams({ ...(path !== '' && { path }), part });
  return { part, sizeBytes, url: `/v1/runs/${runId}/steps/${stepId}/payload?${query.toString()}` };
}

// The trigger's input is the request, or the poll in its place, which is stored once, with the run.
function triggerInput(
  step: StepRunRow,
  request: RunRequestRow | undefined,
): { input: StepRun['input']; elided: boolean } | undefined {
  if (step.path !== '' || !request) return undefined;
  if (!request.body) return { input: { ...request.request }, elided: true };
  if (isPollRequest(request.request)) return { input: { ...readPoll(request.body) }, elided: false };
  return { input: hookRequestInput(request.request, request.body), elided: false };
}
