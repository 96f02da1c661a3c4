import { newId, type RunId, type StepId } from '@millrace/contracts';
import { insertRuns, settleSteps, type Database } from '@millrace/persistence';
import type { SeededFlow } from '@millrace/testing';

const minuteMs = 60_000;
export const headers = { 'content-type': 'application/json' };

/** What came in with a run. */
export interface RunOptions {
  body?: Buffer;
  id?: RunId;
}

/** A run whose trigger has been dispatched, as the orchestrator writes it. */
export async function beginRun(
  database: Database,
  of: SeededFlow,
  { body = Buffer.from('{"petname":"Gromit"}'), id = newId<RunId>() }: RunOptions = {},
): Promise<RunId> {
  await insertRuns(database, [
    {
      id,
      workspaceId: of.workspaceId,
      flowId: of.flowId,
      versionId: of.versionId,
      triggerStepId: 'step_1' as StepId,
      receivedAt: Date.now(),
      request: JSON.stringify({ method: 'POST', path: '', query: {}, headers, contentType: 'application/json' }),
      body,
      dueInMs: minuteMs,
    },
  ]);
  return id;
}

/** Ends both steps of a run of the tutorial's flow. */
export async function finishRun(
  database: Database,
  flow: SeededFlow,
  { runId, ...options }: { runId: RunId; output?: unknown; failed?: boolean },
): Promise<void> {
  const common = {
    runId,
    attempt: 1,
    outputCount: 1,
    componentVersion: '1.0.0',
    startedAt: Date.now(),
    finishedAt: Date.now(),
  };
  const output = JSON.stringify(options.output ?? { petname: 'Gromit', petstatus: 'Sold' });
  await settleSteps(
    database,
    [
      {
        ...common,
        stepId: 'step_1' as StepId,
        path: '' as never,
        status: 'succeeded',
        output,
        error: null,
        logs: null,
      },
    ],
    [
      {
        parent: 0,
        runId,
        stepId: 'step_2' as StepId,
        path: '0' as never,
        workspaceId: flow.workspaceId,
        flowId: flow.flowId,
        versionId: flow.versionId,
        input: JSON.stringify({ name: 'Gromit', status: 'Sold' }),
        dueInMs: minuteMs,
      },
    ],
  );
  const error = JSON.stringify({ code: 'unreachable', message: 'The Petstore API is away', detail: null });
  await settleSteps(
    database,
    [
      {
        ...common,
        stepId: 'step_2' as StepId,
        path: '0' as never,
        status: options.failed ? 'failed' : 'succeeded',
        output: options.failed ? null : JSON.stringify({ id: 1, name: 'Gromit' }),
        error: options.failed ? error : null,
        logs: JSON.stringify([{ time: 1_700_000_000_000, level: 'info', message: 'created' }]),
      },
    ],
    [],
  );
}

/** A run id of a given time, as the webhooks service would have made it then. */
export function idAt(timeMs: number): RunId {
  const id = newId<RunId>();
  const hex = timeMs.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}${id.slice(13)}` as RunId;
}
