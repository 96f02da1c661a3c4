import { consume, createParker, createPublisher, openSessions, type Delivery } from '@millrace/amqp';
import { coreTopology, newId, type Json, type RunId, type StepId, type StepPath } from '@millrace/contracts';
import type { FlowDraft } from '@millrace/flow-model';
import { insertRuns, settleSteps, type Database, type OpenedStep, type StepSettlement } from '@millrace/persistence';
import type { SeededFlow } from '@millrace/testing';
import { silent, type TestApi } from './api.fixture.js';

const overdueMs = 60_000;
export const headers = { 'content-type': 'application/json' };

export interface BegunRun {
  id?: RunId;
  body?: string | Buffer;
  request?: object;
}

/** A run whose trigger step has been sent, as the orchestrator writes it. */
export async function beginRun(
  database: Database,
  flow: SeededFlow,
  { id = newId<RunId>(), body = '{"petname":"Gromit"}', request = {} }: BegunRun = {},
): Promise<RunId> {
  const whole = { method: 'POST', path: '', query: {}, headers, contentType: 'application/json', ...request };
  await insertRuns(database, [
    {
      id,
      ...flow,
      triggerStepId: 'step_1' as StepId,
      receivedAt: Date.now(),
      request: JSON.stringify(whole),
      body: Buffer.from(body),
      dueInMs: overdueMs,
    },
  ]);
  return id;
}

export interface SettledStep {
  runId: RunId;
  stepId: string;
  path?: string;
  attempt?: number;
  outputs?: Json[];
  logs?: Json;
  error?: { code: string; message: string; detail?: Json };
  /** The step runs that it opens. */
  opens?: { stepId: string; path: string; input?: Json; error?: { code: string; message: string; detail?: Json } }[];
}

/** Written in the order in which the search for errors reads it. */
function errorText({ code, message, detail = null }: NonNullable<SettledStep['error']>): string {
  return JSON.stringify({ code, message, detail });
}

/** Ends a step run as the orchestrator does. */
export async function settle(database: Database, flow: SeededFlow, step: SettledStep): Promise<void> {
  const { runId, stepId, path = '', attempt = 1, outputs = [], error, logs, opens = [] } = step;
  const settlement: StepSettlement = {
    runId,
    stepId: stepId as StepId,
    path: path as StepPath,
    attempt,
    status: error ? 'failed' : 'succeeded',
    output: error ? null : JSON.stringify(outputs.length === 1 ? outputs[0] : outputs),
    outputCount: outputs.length,
    error: error ? errorText(error) : null,
    logs: logs ? JSON.stringify(logs) : null,
    componentVersion: '1.0.0',
    startedAt: Date.now(),
    finishedAt: Date.now(),
  };
  const opened = opens.map((one): OpenedStep => ({
    parent: 0,
    runId,
    stepId: one.stepId as StepId,
    path: one.path as StepPath,
    workspaceId: flow.workspaceId,
    flowId: flow.flowId,
    versionId: flow.versionId,
    input: one.error ? null : JSON.stringify(one.input ?? {}),
    dueInMs: overdueMs,
    error: one.error ? errorText(one.error) : null,
  }));
  const { won } = await settleSteps(database, [settlement], opened);
  if (won.size === 0) throw new Error(`${stepId} at ${path} does not run`);
}

/** Ends both steps of a run of the tutorial's flow. */
export async function finishRun(
  database: Database,
  flow: SeededFlow,
  { runId, output, failed = false }: { runId: RunId; output?: unknown; failed?: boolean },
): Promise<void> {
  const outputs = [(output ?? { petname: 'Gromit', petstatus: 'Sold' }) as Json];
  const opens = [{ stepId: 'step_2', path: '0', input: { name: 'Gromit', status: 'Sold' } }];
  await settle(database, flow, { runId, stepId: 'step_1', outputs, opens });
  await settle(database, flow, {
    runId,
    stepId: 'step_2',
    path: '0',
    logs: [{ time: 1_700_000_000_000, level: 'info', message: 'created' }],
    ...(failed
      ? { error: { code: 'unreachable', message: 'The Petstore API is away' } }
      : { outputs: [{ id: 1, name: 'Gromit' }] }),
  });
}

/** A run id of a given time, as the webhooks service would have made it then. */
export function idAt(timeMs: number): RunId {
  const id = newId<RunId>();
  const hex = timeMs.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}${id.slice(13)}` as RunId;
}

/** A run of the tutorial's flow whose second step failed. */
export async function failedRun(
  database: Database,
  flow: SeededFlow,
  error = { code: 'away', message: 'The Petstore API is away' },
  begun: BegunRun = {},
): Promise<RunId> {
  const runId = await beginRun(database, flow, begun);
  const opens = [{ stepId: 'step_2', path: '0', input: { name: 'Gromit' } }];
  await settle(database, flow, { runId, stepId: 'step_1', outputs: [{ petname: 'Gromit' }], opens });
  await settle(database, flow, { runId, stepId: 'step_2', path: '0', error });
  return runId;
}

/** Publishes another version of a flow, as the control plane would. */
export async function publishVersion(
  database: Database,
  { workspaceId, flowId }: SeededFlow,
  definition: FlowDraft,
): Promise<string> {
  const id = newId<string>();
  await database.dataSource.query(
    `insert into flow_version (id, workspace_id, flow_id, number, definition)
     select $1, $2, $3, max(number) + 1, $4 from flow_version where flow_id = $3`,
    [id, workspaceId, flowId, JSON.stringify(definition)],
  );
  await database.dataSource.query('update flow set published_version_id = $2 where id = $1', [flowId, id]);
  return id;
}

/** Takes what comes to a queue, which is declared unless the topology has it, until it is closed. */
export async function listen(
  test: TestApi,
  queue: string,
  declared = false,
): Promise<{ got: Delivery[]; close(): Promise<void> }> {
  const sessions = openSessions({ url: test.amqpUrl, name: 'spec', topology: coreTopology, logger: silent });
  if (declared) {
    await sessions.consuming.declare({
      exchanges: [],
      queues: [{ name: queue, type: 'quorum', durable: true }],
      bindings: [],
    });
  }
  const publisher = createPublisher(sessions.publishing, { logger: silent });
  const got: Delivery[] = [];
  const consumer = consume(sessions.consuming, {
    queue,
    prefetch: 100,
    logger: silent,
    park: createParker(publisher),
    async handle(delivery) {
      got.push(delivery);
      return { outcome: 'done' };
    },
  });
  await consumer.started;
  return {
    got,
    async close() {
      await consumer.close();
      await publisher.close();
      await sessions.close();
    },
  };
}
