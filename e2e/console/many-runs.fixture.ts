import {
  newId,
  type FlowId,
  type FlowVersionId,
  type RunId,
  type StepId,
  type StepPath,
  type WorkspaceId,
} from '@millrace/contracts';
import { insertRuns, settleSteps, type Database, type OpenedStep, type StepSettlement } from '@millrace/persistence';

/** Whose runs they are. */
export interface RunsOf {
  workspaceId: WorkspaceId;
  flowId: FlowId;
  versionId: FlowVersionId;
}

const portion = 500;
const overMs = 24 * 3_600_000;
const hourMs = 3_600_000;
/** Every so many fail. */
export const failsEvery = 10;

/** Writes runs of the tutorial's flow as the orchestrator does, spread over a day, a tenth of them failed. */
export async function writeManyRuns(database: Database, of: RunsOf, count: number): Promise<void> {
  const beginMs = Date.now() - overMs;
  for (let from = 0; from < count; from += portion) {
    const numbers = Array.from({ length: Math.min(portion, count - from) }, (_, index) => from + index);
    const runs = numbers.map((number) => {
      const receivedAt = beginMs + Math.floor((number / count) * (overMs - hourMs));
      return { number, id: idAt(receivedAt), receivedAt };
    });
    await insertRuns(
      database,
      runs.map(({ id, receivedAt }) => ({ id, ...of, receivedAt, ...trigger })),
    );
    const opens = runs.map(({ id }, parent): OpenedStep => ({ parent, runId: id, ...opened, ...of }));
    await settleSteps(
      database,
      runs.map(({ id, receivedAt }) => settled(id, receivedAt)),
      opens,
    );
    await settleSteps(
      database,
      runs.map(({ id, number, receivedAt }) => ({
        ...settled(id, receivedAt + 40),
        stepId: 'step_2' as StepId,
        path: '0' as StepPath,
        ...(number % failsEvery === 0 && failed(number)),
      })),
      [],
    );
  }
}

const pet = { petname: 'Gromit', petstatus: 'sold' };
const request = {
  method: 'POST',
  path: '',
  query: {},
  headers: { 'content-type': 'application/json' },
  contentType: 'application/json',
};
const trigger = {
  triggerStepId: 'step_1' as StepId,
  request: JSON.stringify(request),
  body: Buffer.from(JSON.stringify(pet)),
  dueInMs: hourMs,
};
const opened = {
  stepId: 'step_2' as StepId,
  path: '0' as StepPath,
  input: JSON.stringify({ name: 'Gromit', status: 'sold' }),
  dueInMs: hourMs,
  error: null,
};

function settled(runId: RunId, startedAt: number): StepSettlement {
  return {
    runId,
    stepId: 'step_1' as StepId,
    path: '' as StepPath,
    attempt: 1,
    status: 'succeeded',
    output: JSON.stringify(pet),
    outputCount: 1,
    error: null,
    logs: null,
    componentVersion: '1.0.0',
    startedAt,
    finishedAt: startedAt + 30,
  };
}

function failed(number: number): Pick<StepSettlement, 'status' | 'output' | 'outputCount' | 'error'> {
  const error = { code: 'peer_refused', message: `The Petstore API answered 400 to pet ${number}`, detail: null };
  return { status: 'failed', output: null, outputCount: 0, error: JSON.stringify(error) };
}

/** A run id of a given time, as the webhooks service would have made it then. */
function idAt(timeMs: number): RunId {
  const hex = timeMs.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}${newId<RunId>().slice(13)}` as RunId;
}
