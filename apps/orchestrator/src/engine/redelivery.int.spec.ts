import {
  newId,
  queues,
  type CredentialId,
  type FlowVersionId,
  type RunId,
  type StepMessage,
} from '@millrace/contracts';
import type { FlowDraft } from '@millrace/flow-model';
import { seedCredential, seedFlow, type SeededFlow } from '@millrace/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { delivery, resultOf, succeeded, triggerOf, useEngine } from './engine.fixture.js';
import { isolateBadMessages } from './isolate.js';
import { handleResults } from './results.js';
import { handleTriggers } from './triggers.js';

const engine = useEngine();
const credentialId = newId<CredentialId>();

const definition: FlowDraft = {
  steps: [
    { id: 'step_1', component: 'webhook', operation: 'receive' },
    { id: 'step_2', component: 'petstore', operation: 'createPet', credentialId, mapping: { name: 'petname' } },
  ],
  edges: [{ from: 'step_1', to: 'step_2' }],
};

let flow: SeededFlow;
beforeAll(async () => {
  flow = await seedFlow(engine.database, definition);
  await seedCredential(engine.database, {
    id: credentialId,
    workspaceId: flow.workspaceId,
    component: 'petstore',
    sealed: 'mr1.x',
  });
});

const trigger = (runId: RunId, versionId = flow.versionId) => triggerOf({ ...flow, versionId }, runId);
const begin = (runId: RunId): Promise<StepMessage> => engine.begin(flow, runId);

describe('a trigger', () => {
  it('becomes a run whose trigger step is sent with the request', async () => {
    const runId = newId<RunId>();
    expect(await handleTriggers(engine.deps, [trigger(runId)])).toEqual([{ outcome: 'done' }]);
    expect(await engine.runStatus(runId)).toBe('running');
    expect(engine.sentSteps()).toMatchObject([
      { runId, stepId: 'step_1', path: '', attempt: 1, input: { body: '{"petname":"Gromit"}', method: 'POST' } },
    ]);
    expect(engine.sent[0]?.routingKey).toBe('steps.webhook');
  });

  it('that was stored but not sent on is sent on when it is delivered again', async () => {
    const runId = newId<RunId>();
    engine.killedBeforePublish = true;
    await expect(handleTriggers(engine.deps, [trigger(runId)])).rejects.toThrow('killed');
    engine.killedBeforePublish = false;
    expect(await handleTriggers(engine.deps, [trigger(runId)])).toEqual([{ outcome: 'done' }]);
    expect(engine.sentSteps()).toMatchObject([{ runId, stepId: 'step_1' }]);
  });

  it('that was handled but not acknowledged does nothing again once its step has ended', async () => {
    const runId = newId<RunId>();
    const step = await begin(runId);
    await handleResults(engine.deps, [resultOf(step, succeeded({ petname: 'Gromit' }))]);
    engine.sent.length = 0;
    expect(await handleTriggers(engine.deps, [trigger(runId)])).toEqual([{ outcome: 'done' }]);
    expect(engine.sent).toEqual([]);
  });

  it.each([
    ['that cannot be read', delivery({ messageId: 'x' }), /request id/],
    ['of a version that does not exist', () => trigger(newId<RunId>(), newId<FlowVersionId>()), /no flow version/],
  ])('%s is parked with the reason', async (_, given, reason) => {
    const outcomes = await handleTriggers(engine.deps, [typeof given === 'function' ? given() : given]);
    expect(outcomes).toMatchObject([{ outcome: 'park', reason: expect.stringMatching(reason) }]);
  });
});

describe('a result', () => {
  it('ends its step and sends the next with the mapped input and the sealed credential', async () => {
    const runId = newId<RunId>();
    const step = await begin(runId);
    await handleResults(engine.deps, [resultOf(step, succeeded({ petname: 'Gromit' }))]);
    const next = engine.sentSteps().at(-1)!;
    expect(next).toMatchObject({
      stepId: 'step_2',
      path: '0',
      input: { name: 'Gromit' },
      credential: { id: credentialId, sealed: 'mr1.x' },
    });
    await handleResults(engine.deps, [resultOf(next, succeeded({ id: 1 }))]);
    expect(await engine.runStatus(runId)).toBe('succeeded');
  });

  it('that was stored but whose next step was not sent sends it when it is delivered again', async () => {
    const step = await begin(newId<RunId>());
    const first = resultOf(step, succeeded({ petname: 'Gromit' }));
    engine.killedBeforePublish = true;
    await expect(handleResults(engine.deps, [first])).rejects.toThrow('killed');
    engine.killedBeforePublish = false;
    engine.sent.length = 0;
    expect(await handleResults(engine.deps, [first])).toEqual([{ outcome: 'done' }]);
    expect(engine.sentSteps()).toMatchObject([{ stepId: 'step_2', input: { name: 'Gromit' } }]);
  });

  it('that arrives a second time with other outputs sends again what the run log shows', async () => {
    const step = await begin(newId<RunId>());
    engine.killedBeforePublish = true;
    const first = handleResults(engine.deps, [resultOf(step, succeeded({ petname: 'Gromit' }))]);
    await expect(first).rejects.toThrow('killed');
    engine.killedBeforePublish = false;
    engine.sent.length = 0;
    await handleResults(engine.deps, [resultOf(step, succeeded({ petname: 'Feathers' }))]);
    expect(engine.sentSteps()).toMatchObject([{ stepId: 'step_2', input: { name: 'Gromit' } }]);
  });

  it('sends the next step although somebody deleted the queue of its component', async () => {
    const step = await begin(newId<RunId>());
    await handleResults(engine.deps, [resultOf(step, succeeded({ petname: 'one' }))]);
    await engine.vhost.management.deleteQueue(engine.vhost.name, 'steps.petstore');
    const other = await begin(newId<RunId>());
    await handleResults(engine.deps, [resultOf(other, succeeded({ petname: 'two' }))]);
    expect(await engine.deps.broker.messageCount('steps.petstore')).toBe(1);
  });

  it('that arrives again after its run has ended changes nothing and sends nothing', async () => {
    const runId = newId<RunId>();
    const first = resultOf(await begin(runId), succeeded({ petname: 'Gromit' }));
    await handleResults(engine.deps, [first]);
    await handleResults(engine.deps, [resultOf(engine.sentSteps().at(-1)!, succeeded({}))]);
    engine.sent.length = 0;
    expect(await handleResults(engine.deps, [first, first])).toEqual([{ outcome: 'done' }, { outcome: 'done' }]);
    expect(engine.sent).toEqual([]);
    expect(await engine.runStatus(runId)).toBe('succeeded');
  });

  it('that failed fails the run and keeps the error', async () => {
    const runId = newId<RunId>();
    const step = await begin(runId);
    const error = { code: 'connection_refused', message: 'connect ECONNREFUSED\u0000', detail: null };
    await handleResults(engine.deps, [resultOf(step, { kind: 'failed', error, retry: { kind: 'never' } })]);
    expect(await engine.runStatus(runId)).toBe('failed');
    const rows = await engine.database.dataSource.query<{ error: unknown }[]>(
      'select error from step_run where run_id = $1',
      [runId],
    );
    expect(rows).toEqual([{ error }]);
  });

  it('of a step run that nobody knows is parked', async () => {
    const step = { ...(await begin(newId<RunId>())), runId: newId<RunId>() };
    expect(await handleResults(engine.deps, [resultOf(step, succeeded({}))])).toMatchObject([
      { outcome: 'park', reason: expect.stringContaining('no step run') },
    ]);
  });

  it('whose next step is too large for a message fails that step with its size', async () => {
    const runId = newId<RunId>();
    const step = await begin(runId);
    await handleResults(engine.deps, [resultOf(step, succeeded({ petname: 'x'.repeat(15 * 1024 * 1024) }))]);
    const failure = engine.sent.at(-1)!;
    expect(failure.routingKey).toBe(queues.results);
    await handleResults(engine.deps, [delivery({ body: failure.body })]);
    expect(await engine.runStatus(runId)).toBe('failed');
  });
});

describe('a batch with a message that Postgres refuses', () => {
  it('handles all the others and parks that one', async () => {
    const runId = newId<RunId>();
    const good = resultOf(await begin(runId), succeeded({ petname: 'Gromit' }));
    const step = await begin(newId<RunId>());
    const bad = resultOf({ ...step, path: '\u0000' as StepMessage['path'] }, succeeded({}));
    const handle = isolateBadMessages(engine.deps, (batch) => handleResults(engine.deps, batch));
    const outcomes = await handle([bad, good]);
    expect(outcomes).toMatchObject([
      { outcome: 'park', reason: expect.stringMatching(/cannot be stored/) },
      { outcome: 'done' },
    ]);
    expect(engine.sentSteps().at(-1)).toMatchObject({ runId, stepId: 'step_2' });
  });
});
