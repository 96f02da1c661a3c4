import { createPublisher, openSessions, type Delivery, type OutgoingMessage } from '@millrace/amqp';
import {
  coreTopology,
  decodeStepMessage,
  encodeResultMessage,
  encodeTriggerMessage,
  newId,
  queues,
  stepQueue,
  type CredentialId,
  type FlowVersionId,
  type Json,
  type ResultMessage,
  type RunId,
  type StepMessage,
} from '@millrace/contracts';
import type { FlowDraft } from '@millrace/flow-model';
import { createLogger } from '@millrace/observability';
import { openDatabase, type Database } from '@millrace/persistence';
import { seedCredential, seedFlow, useTestDatabase, useVhost, type SeededFlow } from '@millrace/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EngineDeps } from './deps.js';
import { isolateBadMessages } from './isolate.js';
import { cachedPlans } from './plans.js';
import { handleResults } from './results.js';
import { cachedCredentials } from './sealed-credentials.js';
import { handleTriggers } from './triggers.js';

const testDatabase = useTestDatabase();
const vhost = useVhost();
const logger = createLogger({ service: 'spec', level: 'silent' });
const credentialId = newId<CredentialId>();

const definition: FlowDraft = {
  steps: [
    { id: 'step_1', component: 'webhook', operation: 'receive' },
    { id: 'step_2', component: 'petstore', operation: 'createPet', credentialId, mapping: { name: 'petname' } },
  ],
  edges: [{ from: 'step_1', to: 'step_2' }],
};

let database: Database;
let flow: SeededFlow;
beforeAll(async () => {
  database = await openDatabase({ url: testDatabase.url, applicationName: 'spec' });
  flow = await seedFlow(database, definition);
  await seedCredential(database, {
    id: credentialId,
    workspaceId: flow.workspaceId,
    component: 'petstore',
    sealed: 'mr1.x',
  });
});
afterAll(() => database.close());

let deps: EngineDeps;
let sent: OutgoingMessage[];
/** What stands for the kill of the process: the publish after the commit never happens. */
let killedBeforePublish: boolean;
let close: () => Promise<void>;

beforeEach(() => {
  sent = [];
  killedBeforePublish = false;
  const sessions = openSessions({ url: vhost.amqpUrl, name: 'spec', topology: coreTopology, logger });
  const publisher = createPublisher(sessions.publishing, { logger });
  deps = {
    database,
    plans: cachedPlans(database),
    credentials: cachedCredentials(database),
    broker: {
      ensureComponent: (name) => sessions.publishing.declare(componentQueue(name)),
      redeclareComponent: (name) => sessions.publishing.redeclare(componentQueue(name)),
      messageCount: (queue) => sessions.publishing.messageCount(queue),
      publish: async (message) => {
        if (killedBeforePublish) throw new Error('killed before the publish');
        sent.push(message);
        await publisher.publish(message);
      },
    },
    logger,
    stopping: new AbortController().signal,
    overdueGraceMs: 60_000,
  };
  close = async () => {
    await publisher.close();
    await sessions.close();
  };
});
afterEach(() => close());

function componentQueue(name: string) {
  return {
    exchanges: [],
    queues: [{ name: stepQueue(name), type: 'quorum' as const, durable: true }],
    bindings: [],
  };
}

function delivery(message: Partial<Delivery>): Delivery {
  return { headers: {}, body: Buffer.alloc(0), redelivered: false, deliveryCount: 0, ...message } as Delivery;
}

function trigger(runId: RunId, versionId = flow.versionId): Delivery {
  const body = Buffer.from('{"petname":"Gromit"}');
  const request = { method: 'POST', path: '', query: {}, headers: {}, contentType: 'application/json' };
  return delivery(encodeTriggerMessage({ ...flow, versionId, runId, receivedAt: Date.now(), request, body }));
}

function sentSteps(): StepMessage[] {
  return sent.map(({ body }) => {
    const decoded = decodeStepMessage(body);
    if (!decoded.ok) throw new Error(decoded.reason);
    return decoded.value;
  });
}

function result(step: StepMessage, outcome: ResultMessage['outcome']): Delivery {
  const { workspaceId, flowId, versionId, runId, stepId, path, attempt, carry } = step;
  const address = { workspaceId, flowId, versionId, runId, stepId, path, attempt, carry };
  const component = { name: step.component, version: '1.0.0' };
  return delivery({
    body: encodeResultMessage({ ...address, outcome, logs: [], component, startedAt: 1, finishedAt: 2 }),
  });
}

const succeeded = (output: Json): ResultMessage['outcome'] => ({ kind: 'succeeded', outputs: [output] });

async function runStatus(runId: RunId): Promise<string | undefined> {
  const rows = await database.dataSource.query<{ status: string }[]>('select status from run where id = $1', [runId]);
  return rows[0]?.status;
}

async function begin(runId: RunId): Promise<StepMessage> {
  await handleTriggers(deps, [trigger(runId)]);
  return sentSteps().at(-1)!;
}

describe('a trigger', () => {
  it('becomes a run whose trigger step is sent with the request', async () => {
    const runId = newId<RunId>();
    expect(await handleTriggers(deps, [trigger(runId)])).toEqual([{ outcome: 'done' }]);
    expect(await runStatus(runId)).toBe('running');
    expect(sentSteps()).toMatchObject([
      { runId, stepId: 'step_1', path: '', attempt: 1, input: { body: '{"petname":"Gromit"}', method: 'POST' } },
    ]);
    expect(sent[0]?.routingKey).toBe('steps.webhook');
  });

  it('that was stored but not sent on is sent on when it is delivered again', async () => {
    const runId = newId<RunId>();
    killedBeforePublish = true;
    await expect(handleTriggers(deps, [trigger(runId)])).rejects.toThrow('killed');
    killedBeforePublish = false;
    expect(await handleTriggers(deps, [trigger(runId)])).toEqual([{ outcome: 'done' }]);
    expect(sentSteps()).toMatchObject([{ runId, stepId: 'step_1' }]);
  });

  it('that was handled but not acknowledged does nothing again once its step has ended', async () => {
    const runId = newId<RunId>();
    const step = await begin(runId);
    await handleResults(deps, [result(step, succeeded({ petname: 'Gromit' }))]);
    sent.length = 0;
    expect(await handleTriggers(deps, [trigger(runId)])).toEqual([{ outcome: 'done' }]);
    expect(sent).toEqual([]);
  });

  it.each([
    ['that cannot be read', delivery({ messageId: 'x' }), /request id/],
    ['of a version that does not exist', () => trigger(newId<RunId>(), newId<FlowVersionId>()), /no flow version/],
  ])('%s is parked with the reason', async (_, given, reason) => {
    const outcomes = await handleTriggers(deps, [typeof given === 'function' ? given() : given]);
    expect(outcomes).toMatchObject([{ outcome: 'park', reason: expect.stringMatching(reason) }]);
  });
});

describe('a result', () => {
  it('ends its step and sends the next with the mapped input and the sealed credential', async () => {
    const runId = newId<RunId>();
    const step = await begin(runId);
    await handleResults(deps, [result(step, succeeded({ petname: 'Gromit' }))]);
    const next = sentSteps().at(-1)!;
    expect(next).toMatchObject({
      stepId: 'step_2',
      path: '0',
      input: { name: 'Gromit' },
      credential: { id: credentialId, sealed: 'mr1.x' },
    });
    await handleResults(deps, [result(next, succeeded({ id: 1 }))]);
    expect(await runStatus(runId)).toBe('succeeded');
  });

  it('that was stored but whose next step was not sent sends it when it is delivered again', async () => {
    const step = await begin(newId<RunId>());
    const first = result(step, succeeded({ petname: 'Gromit' }));
    killedBeforePublish = true;
    await expect(handleResults(deps, [first])).rejects.toThrow('killed');
    killedBeforePublish = false;
    sent.length = 0;
    expect(await handleResults(deps, [first])).toEqual([{ outcome: 'done' }]);
    expect(sentSteps()).toMatchObject([{ stepId: 'step_2', input: { name: 'Gromit' } }]);
  });

  it('that arrives a second time with other outputs sends again what the run log shows', async () => {
    const step = await begin(newId<RunId>());
    killedBeforePublish = true;
    const first = handleResults(deps, [result(step, succeeded({ petname: 'Gromit' }))]);
    await expect(first).rejects.toThrow('killed');
    killedBeforePublish = false;
    sent.length = 0;
    await handleResults(deps, [result(step, succeeded({ petname: 'Feathers' }))]);
    expect(sentSteps()).toMatchObject([{ stepId: 'step_2', input: { name: 'Gromit' } }]);
  });

  it('sends the next step although somebody deleted the queue of its component', async () => {
    const step = await begin(newId<RunId>());
    await handleResults(deps, [result(step, succeeded({ petname: 'one' }))]);
    await vhost.management.deleteQueue(vhost.name, 'steps.petstore');
    const other = await begin(newId<RunId>());
    await handleResults(deps, [result(other, succeeded({ petname: 'two' }))]);
    expect(await deps.broker.messageCount('steps.petstore')).toBe(1);
  });

  it('that arrives again after its run has ended changes nothing and sends nothing', async () => {
    const runId = newId<RunId>();
    const first = result(await begin(runId), succeeded({ petname: 'Gromit' }));
    await handleResults(deps, [first]);
    await handleResults(deps, [result(sentSteps().at(-1)!, succeeded({}))]);
    sent.length = 0;
    expect(await handleResults(deps, [first, first])).toEqual([{ outcome: 'done' }, { outcome: 'done' }]);
    expect(sent).toEqual([]);
    expect(await runStatus(runId)).toBe('succeeded');
  });

  it('that failed fails the run and keeps the error', async () => {
    const runId = newId<RunId>();
    const step = await begin(runId);
    const error = { code: 'connection_refused', message: 'connect ECONNREFUSED\u0000', detail: null };
    await handleResults(deps, [result(step, { kind: 'failed', error, retry: { kind: 'policy' } })]);
    expect(await runStatus(runId)).toBe('failed');
    const rows = await database.dataSource.query<{ error: unknown }[]>('select error from step_run where run_id = $1', [
      runId,
    ]);
    expect(rows).toEqual([{ error }]);
  });

  it('of a step run that nobody knows is parked', async () => {
    const step = { ...(await begin(newId<RunId>())), runId: newId<RunId>() };
    expect(await handleResults(deps, [result(step, succeeded({}))])).toMatchObject([
      { outcome: 'park', reason: expect.stringContaining('no step run') },
    ]);
  });

  it('whose next step is too large for a message fails that step with its size', async () => {
    const runId = newId<RunId>();
    const step = await begin(runId);
    await handleResults(deps, [result(step, succeeded({ petname: 'x'.repeat(15 * 1024 * 1024) }))]);
    const failure = sent.at(-1)!;
    expect(failure.routingKey).toBe(queues.results);
    await handleResults(deps, [delivery({ body: failure.body })]);
    expect(await runStatus(runId)).toBe('failed');
  });
});

describe('a batch with a message that Postgres refuses', () => {
  it('handles all the others and parks that one', async () => {
    const runId = newId<RunId>();
    const good = result(await begin(runId), succeeded({ petname: 'Gromit' }));
    const step = await begin(newId<RunId>());
    const bad = result({ ...step, path: '\u0000' as StepMessage['path'] }, succeeded({}));
    const handle = isolateBadMessages(deps, (batch) => handleResults(deps, batch));
    const outcomes = await handle([bad, good]);
    expect(outcomes).toMatchObject([
      { outcome: 'park', reason: expect.stringMatching(/cannot be stored/) },
      { outcome: 'done' },
    ]);
    expect(sentSteps().at(-1)).toMatchObject({ runId, stepId: 'step_2' });
  });
});
