import { newId, type CredentialId, type FlowId, type StepId, type WorkspaceId } from '@millrace/contracts';
import {
  findHookFlows,
  openDatabase,
  unchangedHookFlows,
  type Database,
  type HookFlowRow,
} from '@millrace/persistence';
import { seedCredential, seedFlow, useTestDatabase } from '@millrace/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const testDatabase = useTestDatabase();
let database: Database;
beforeAll(async () => {
  database = await openDatabase({ url: testDatabase.url, applicationName: 'spec' });
});
afterAll(() => database.close());

/** A running flow whose trigger has a credential, as webhooks-service finds it. */
async function seeded(): Promise<HookFlowRow> {
  const workspaceId = newId<WorkspaceId>();
  const credentialId = newId<CredentialId>();
  await seedCredential(database, { id: credentialId, workspaceId, component: 'webhook', sealed: 'sealed' });
  const trigger = { id: 'step_1' as StepId, component: 'webhook', operation: 'receive', credentialId };
  const { flowId } = await seedFlow(database, { steps: [trigger], edges: [] }, { workspaceId });
  return found(flowId);
}

async function found(flowId: FlowId): Promise<HookFlowRow> {
  const row = (await findHookFlows(database, [flowId])).get(flowId);
  if (!row) throw new Error('the flow is not found');
  return row;
}

const changes: Record<string, (row: HookFlowRow) => [string, unknown[]]> = {
  'its flow is stopped': ({ flowId }) => [`update flow set status = 'stopped' where id = $1`, [flowId]],
  'its flow is removed': ({ flowId }) => ['update flow set deleted_at = now() where id = $1', [flowId]],
  'its credential is sealed anew': ({ credentialId }) => [
    `update credential set sealed = 'other' where id = $1`,
    [credentialId],
  ],
  'its credential is removed': ({ credentialId }) => ['delete from credential where id = $1', [credentialId]],
  'its workspace may send more': ({ workspaceId }) => [
    'update workspace set requests_per_second = 5 where id = $1',
    [workspaceId],
  ],
  'a step waits for a sample': ({ flowId, workspaceId }) => [
    `insert into sample_capture values ($1, 'step_1', $2, now() + interval '1 hour')`,
    [flowId, workspaceId],
  ],
};

describe('findHookFlows', () => {
  it('finds each flow that there is, and none that was removed', async () => {
    const [one, other, removed] = await Promise.all([seeded(), seeded(), seeded()]);
    await database.dataSource.query('update flow set deleted_at = now() where id = $1', [removed.flowId]);
    const rows = await findHookFlows(database, [one.flowId, newId<FlowId>(), removed.flowId, other.flowId]);
    expect(new Set(rows.keys())).toEqual(new Set([one.flowId, other.flowId]));
    expect(rows.get(one.flowId)).toEqual(one);
  });
});

describe('unchangedHookFlows', () => {
  it('tells copies that still hold from those that do not', async () => {
    const rows = await Promise.all([seeded(), seeded(), seeded()]);
    expect(await unchangedHookFlows(database, rows)).toEqual(new Set(rows.map(({ flowId }) => flowId)));
    const [changed, ...others] = rows;
    await database.dataSource.query(`update flow set name = 'x' where id = $1`, [changed?.flowId]);
    expect(await unchangedHookFlows(database, rows)).toEqual(new Set(others.map(({ flowId }) => flowId)));
  });

  it.each(Object.entries(changes))('sees that %s', async (_, change) => {
    const row = await seeded();
    await database.dataSource.query(...change(row));
    expect(await unchangedHookFlows(database, [row])).toEqual(new Set());
  });

  it('sees that the time for a sample is over', async () => {
    const { flowId, workspaceId } = await seeded();
    const capture = `insert into sample_capture values ($1, 'step_1', $2, now() + interval '1 s')`;
    await database.dataSource.query(capture, [flowId, workspaceId]);
    const row = await found(flowId);
    expect(row.captureStepId).toBe('step_1');
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(await unchangedHookFlows(database, [row])).toEqual(new Set());
  });
});
