import { newId, type FlowVersionId, type RunId } from '@millrace/contracts';
import type { FlowDraft } from '@millrace/flow-model';
import { seedFlow, type SeededFlow } from '@millrace/testing';
import { describe, expect, it } from 'vitest';
import { resultOf, succeeded, useEngine } from './engine.fixture.js';
import { handleResults } from './results.js';

const engine = useEngine();

const definition = (mapping: string): FlowDraft => ({
  steps: [
    { id: 'step_1', component: 'webhook', operation: 'receive' },
    { id: 'step_2', component: 'echo', operation: 'echo', mapping: { text: mapping } },
    { id: 'step_3', component: 'echo', operation: 'echo', mapping: { text: mapping } },
  ],
  edges: [
    { from: 'step_1', to: 'step_2' },
    { from: 'step_2', to: 'step_3' },
  ],
});

async function publishNext(flow: SeededFlow, next: FlowDraft): Promise<SeededFlow> {
  const versionId = newId<FlowVersionId>();
  const { dataSource } = engine.database;
  await dataSource.query(
    'insert into flow_version (id, workspace_id, flow_id, number, definition) values ($1, $2, $3, 2, $4)',
    [versionId, flow.workspaceId, flow.flowId, JSON.stringify(next)],
  );
  await dataSource.query('update flow set published_version_id = $2 where id = $1', [flow.flowId, versionId]);
  return { ...flow, versionId };
}

describe('publishing while a flow runs', () => {
  it('lets runs end on the version they began with, and begins new ones on the new version', async () => {
    const first = await seedFlow(engine.database, definition('name'));
    const trigger = await engine.begin(first, newId<RunId>());
    const second = await publishNext(first, definition('title'));
    const output = { name: 'old', title: 'new' };
    const later = await engine.begin(second, newId<RunId>());

    for (const [begun, text] of [
      [trigger, 'old'],
      [later, 'new'],
    ] as const) {
      let step = begun;
      for (const stepId of ['step_2', 'step_3']) {
        engine.sent.length = 0;
        await handleResults(engine.deps, [resultOf(step, succeeded(output))]);
        const [next] = engine.sentSteps();
        expect(next).toMatchObject({ stepId, versionId: begun.versionId, input: { text } });
        if (!next) throw new Error(`${stepId} was not sent`);
        step = next;
      }
      await handleResults(engine.deps, [resultOf(step, succeeded({}))]);
      expect(await engine.runStatus(begun.runId)).toBe('succeeded');
    }
  });
});
