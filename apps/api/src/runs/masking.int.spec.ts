import { newId, type ComponentDescriptor, type JsonObject, type RunId, type StepId } from '@millrace/contracts';
import { componentRepository, insertRuns, settleSteps } from '@millrace/persistence';
import type { FlowDraft } from '@millrace/flow-model';
import { seedFlow, type SeededFlow } from '@millrace/testing';
import { describe, expect, it } from 'vitest';
import { useApi } from '../../test/api.fixture.js';
import { publishVersion } from '../../test/runs.fixture.js';

const test = useApi();
const secret = { type: 'string', writeOnly: true };
const object = (properties: JsonObject): JsonObject => ({ type: 'object', properties });

const vault: ComponentDescriptor = {
  name: 'vault',
  title: 'Vault',
  description: '',
  version: '1.0.0',
  credentials: null,
  operations: [
    {
      name: 'put',
      title: 'Put',
      description: '',
      kind: 'action',
      idempotency: 'none',
      config: object({}),
      input: object({ name: { type: 'string' }, entries: { type: 'array', items: object({ password: secret }) } }),
      output: object({ token: secret, ok: { type: 'boolean' } }),
      retrievesSample: false,
    },
  ],
};

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
    await componentRepository(test.database.dataSource.manager).announce(vault);
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
