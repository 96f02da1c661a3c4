import { newId, type JsonObject, type RunId, type StepId } from '@millrace/contracts';
import { componentRepository, insertRuns, parkMessages, settleSteps } from '@millrace/persistence';
import type { FlowDraft } from '@millrace/flow-model';
import { seedFlow, type SeededFlow } from '@millrace/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { useApi, type TestUser } from '../../test/api.fixture.js';
import { publishVersion } from '../../test/runs.fixture.js';
import { vault } from '../../test/vault.fixture.js';

const test = useApi();
// Before anything is masked: the catalogue is kept for some seconds.
beforeAll(() => componentRepository(test.database.dataSource.manager).announce(vault));

const flow = {
  steps: [
    { id: 'step_1', component: 'webhook', operation: 'receive' },
    { id: 'step_2', component: 'vault', operation: 'put' },
    { id: 'step_3', component: 'petstore', operation: 'createPet' },
  ],
  edges: [
    { from: 'step_1', to: 'step_2' },
    { from: 'step_2', to: 'step_3' },
  ],
};

const input = { name: 'safe', entries: [{ password: 'hunter2', note: 'n' }] };

async function runThrough(
  output: string,
  outputCount: number,
): Promise<{ id: RunId; seeded: SeededFlow; show: (path: string) => unknown }> {
  const user = await test.signedIn();
  const seeded = await seedFlow(test.database, flow, { workspaceId: user.workspaceId });
  const id = newId<RunId>();
  const receivedAt = Date.now();
  const kept = { request: '{}', body: Buffer.from('{}'), dueInMs: 60_000 };
  await insertRuns(test.database, [{ id, ...seeded, triggerStepId: 'step_1' as StepId, receivedAt, ...kept }]);
  const end = { runId: id, attempt: 1, status: 'succeeded', error: null, logs: null, componentVersion: null } as const;
  const at = { startedAt: receivedAt, finishedAt: receivedAt };
  const opened = (stepId: string, path: string) => ({
    ...seeded,
    parent: 0,
    runId: id,
    stepId: stepId as StepId,
    path: path as never,
    input: JSON.stringify(input),
    dueInMs: 60_000,
  });
  await settleSteps(
    test.database,
    [{ ...end, ...at, stepId: 'step_1' as StepId, path: '' as never, output: '{"password":"open"}', outputCount: 1 }],
    [opened('step_2', '0')],
  );
  await settleSteps(
    test.database,
    [{ ...end, ...at, stepId: 'step_2' as StepId, path: '0' as never, output, outputCount }],
    [opened('step_3', '0.0')],
  );
  const show = async (path: string): Promise<unknown> => (await test.as(user).get(path).expect(200)).body as unknown;
  return { id, seeded, show };
}

const hidden = { name: 'safe', entries: [{ password: '••••', note: 'n' }] };

describe('what a descriptor marks secret', () => {
  it('is hidden in a run, in lists and as a payload, of the step whose operation says so', async () => {
    const { id, show } = await runThrough(JSON.stringify({ token: 't0ps3cret', ok: true }), 1);
    const shown = [
      { output: { password: 'open' } },
      { input: hidden, output: { token: '••••', ok: true } },
      { input, output: null },
    ];
    const run = await show(`/v1/runs/${id}`);
    expect(run).toMatchObject({ steps: shown });
    const lists = await show('/v1/runs');
    expect(lists).toMatchObject({ items: [{ steps: shown }] });
    const payloads = [
      await show(`/v1/runs/${id}/steps/step_2/payload?path=0&part=input`),
      await show(`/v1/runs/${id}/steps/step_2/payload?path=0&part=output`),
    ];
    expect(payloads).toEqual([hidden, { token: '••••', ok: true }]);
    expect(JSON.stringify([run, lists, payloads])).not.toContain('t0ps3cret');
  });

  it('is hidden in a step that was retried with another version, which it names', async () => {
    const { id, seeded, show } = await runThrough(JSON.stringify({ token: 't0ps3cret' }), 1);
    const [first, second, third] = flow.steps;
    const steps = [first, { ...second, component: 'petstore', operation: 'createPet' }, third] as FlowDraft['steps'];
    const versionId = await publishVersion(test.database, seeded, { ...flow, steps });
    await test.database.dataSource.query('update run set version_id = $2 where id = $1', [id, versionId]);
    const shown = { flowVersion: 1, input: hidden, output: { token: '••••' } };
    expect(await show(`/v1/runs/${id}`)).toMatchObject({ flowVersion: 2, steps: [{}, shown, {}] });
  });

  it('is hidden in each of several outputs', async () => {
    const { id, show } = await runThrough(JSON.stringify([{ token: 'a' }, { token: 'b', ok: false }]), 2);
    const outputs = [{ token: '••••' }, { token: '••••', ok: false }];
    expect(await show(`/v1/runs/${id}`)).toMatchObject({ steps: [{}, { output: outputs }, {}] });
    expect(await show(`/v1/runs/${id}/steps/step_2/payload?path=0`)).toEqual(outputs);
  });
});

describe('what a descriptor marks secret in a sample', () => {
  it('is hidden whoever made it and however it is read, and kept for the steps after it', async () => {
    const user = await test.signedIn();
    const { flowId } = await seedFlow(test.database, flow, { workspaceId: user.workspaceId });
    const path = `/v1/flows/${flowId}/steps/step_2/sample`;
    const value = { token: 't0ps3cret', ok: true };
    const masked = { output: { token: '••••', ok: true } };
    const taken = await test.as(user).post(path).send({ mode: 'manual', value }).expect(200);
    const read = await test.as(user).get(path).expect(200);
    const listed = await test.as(user).get(`/v1/flows/${flowId}/samples`).expect(200);
    expect([taken.body, read.body, listed.body]).toMatchObject([masked, masked, { items: [masked] }]);
    expect(taken.text + read.text + listed.text).not.toContain('t0ps3cret');
    const kept = await test.database.dataSource.query('select output from sample where flow_id = $1', [flowId]);
    expect(kept).toEqual([{ output: value }]);
  });
});

describe('what a descriptor marks secret in a config', () => {
  it('is left out of the document of a flow', async () => {
    const user = await test.signedIn();
    const config = { region: 'eu', pin: '4711', keys: ['k1', 'k2'], nested: { pin: '0815', name: 'n' } };
    const [first, second, third] = flow.steps;
    const steps = [first, { ...second, config }, { ...third, config: { pin: 'open' } }] as FlowDraft['steps'];
    const { flowId } = await seedFlow(test.database, { ...flow, steps }, { workspaceId: user.workspaceId });
    const { body } = await test.as(user).get(`/v1/flows/${flowId}/export`).expect(200);
    const shown = { region: 'eu', keys: [], nested: { name: 'n' } };
    expect((body as { draft: unknown }).draft).toEqual({
      ...flow,
      steps: [first, { ...second, config: shown }, { ...third, config: { pin: 'open' } }],
    });
  });
});

describe('a parked message about a step', () => {
  let admin: TestUser;
  let seeded: SeededFlow;
  beforeAll(async () => {
    admin = await test.signedIn({ role: 'administrator' });
    seeded = await seedFlow(test.database, flow, { workspaceId: admin.workspaceId });
  });

  async function shownOf(message: JsonObject): Promise<string | null> {
    const id = newId<string>();
    const whole = { ...seeded, stepId: 'step_2', ...message };
    const body = Buffer.from(JSON.stringify(whole));
    await parkMessages(test.database, [
      { id, queue: 'results', reason: 'odd', messageId: newId(), body, headers: '{}' },
    ]);
    const read = await test.as(admin).get(`/v1/parked/${id}`).expect(200);
    return (read.body as { body: string | null }).body;
  }

  it('is shown with its secrets hidden', async () => {
    const outcome = { kind: 'succeeded', outputs: [{ token: 't0ps3cret', ok: true }] };
    const shown = await shownOf({ input, outcome });
    expect(JSON.parse(shown ?? '')).toMatchObject({
      input: hidden,
      outcome: { kind: 'succeeded', outputs: [{ token: '••••', ok: true }] },
    });
  });

  it('is shown without the item that is gathered, and without its key', async () => {
    const gathering = { scope: 'run', key: 't0ps3cret', maxItems: 10, timeoutMs: 1_000 };
    const shown = await shownOf({ outcome: { kind: 'collecting', item: { token: 't0ps3cret' }, gathering } });
    const { key: _key, ...rest } = gathering;
    expect((JSON.parse(shown ?? '') as JsonObject)['outcome']).toEqual({ kind: 'collecting', gathering: rest });
  });

  it.each<[string, JsonObject]>([
    ['an unknown version', { versionId: newId() }],
    ['an unknown step', { stepId: 'step_9' }],
    ['a version whose id is none', { versionId: 'x' }],
  ])('of %s is not shown at all', async (_what, place) => {
    expect(await shownOf({ input, ...place })).toBeNull();
  });
});
