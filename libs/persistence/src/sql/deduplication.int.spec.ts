import { createHash } from 'node:crypto';
import { newId, type FlowId, type FlowVersionId, type RunId, type WorkspaceId } from '@millrace/contracts';
import { openDatabase, type Database } from '@millrace/persistence';
import { seedFlow, useTestDatabase, type SeededFlow } from '@millrace/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimKeys, type KeyClaim } from './claim-keys.js';
import { insertDuplicates } from './insert-duplicates.js';
import { removeExpiredKeys } from './remove-expired-keys.js';

const testDatabase = useTestDatabase();
const windowMs = 60_000;
let database: Database;
let flow: SeededFlow;
beforeAll(async () => {
  database = await openDatabase({ url: testDatabase.url, applicationName: 'spec' });
  flow = await seedFlow(database, { steps: [], edges: [] });
});
afterAll(() => database.close());

/** An id of a request that came so many milliseconds from now. */
function idIn(ms: number): RunId {
  const hex = (Date.now() + ms).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-${newId<RunId>().slice(14)}` as RunId;
}

function claim(key: string, runId: RunId, flowId = flow.flowId): KeyClaim {
  return { flowId, keySha256: createHash('sha256').update(key).digest(), runId, windowMs };
}

async function ownerOf(claimed: KeyClaim): Promise<RunId | undefined> {
  return (await claimKeys(database, [claimed]))[0]?.runId;
}

describe('a key', () => {
  it('belongs to the run that claims it first, also when that claims it again', async () => {
    const [first, second] = [idIn(0), idIn(1)];
    expect(await ownerOf(claim('a', first))).toBe(first);
    expect(await ownerOf(claim('a', second))).toBe(first);
    expect(await ownerOf(claim('a', first))).toBe(first);
    const other = await seedFlow(database, { steps: [], edges: [] });
    expect(await ownerOf(claim('a', second, other.flowId))).toBe(second);
  });

  it('may be taken by a request that came after its time, not by one that is only handled after it', async () => {
    const [first, late, next] = [idIn(-10 * windowMs), idIn(-9 * windowMs - 1_000), idIn(-9 * windowMs)];
    await ownerOf(claim('b', first));
    expect(await ownerOf(claim('b', late))).toBe(first);
    expect(await ownerOf(claim('b', next))).toBe(next);
    expect(await ownerOf(claim('b', first))).toBe(next);
  });

  it('gets one owner however many claim it at once, each with many keys in an order of its own', async () => {
    const keys = Array.from({ length: 50 }, (_, at) => `c${at}`);
    const claims = Array.from({ length: 8 }, (_, at) => {
      const own = keys.map((key) => claim(key, newId<RunId>()));
      return at % 2 === 0 ? own : own.toReversed();
    });
    const answers = await Promise.all(claims.map((own) => claimKeys(database, own)));
    const owners = new Set(answers.flat().map(({ keySha256, runId }) => `${keySha256.toString('hex')} ${runId}`));
    expect(answers.flat()).toHaveLength(8 * keys.length);
    expect(owners.size).toBe(keys.length);
  });

  it('is removed some time after it expired, in portions and by one of several', async () => {
    await database.dataSource.query('delete from deduplication');
    const claims = Array.from({ length: 30 }, (_, at) => claim(`d${at}`, idIn(-10 * windowMs)));
    await claimKeys(database, [...claims, claim('kept', idIn(0))]);
    const options = { limit: 10, keptForMs: 8 * windowMs };
    expect(await removeExpiredKeys(database, { ...options, keptForMs: 10 * windowMs })).toBe(0);
    const removed = await Promise.all(Array.from({ length: 3 }, () => removeExpiredKeys(database, options)));
    expect(Math.max(...removed)).toBeLessThanOrEqual(10);
    while ((await removeExpiredKeys(database, options)) > 0);
    expect(await database.dataSource.query('select 1 from deduplication')).toHaveLength(1);
  });
});

describe('a duplicate', () => {
  const duplicate = (id: RunId) => ({
    id,
    workspaceId: newId<WorkspaceId>(),
    flowId: newId<FlowId>(),
    versionId: newId<FlowVersionId>(),
    receivedAt: Date.now(),
    request: '{"method":"POST"}',
    body: Buffer.from('{}'),
    duplicateOf: newId<RunId>(),
  });

  it('is a run that has ended without a step run, and points at the one that came first', async () => {
    const run = duplicate(newId<RunId>());
    expect(await insertDuplicates(database, [run])).toEqual(new Set([run.id]));
    expect(await insertDuplicates(database, [{ ...run, duplicateOf: newId<RunId>() }])).toEqual(new Set());
    const rows = await database.dataSource.query(
      `select status, open_steps, finished_at is not null as ended, duplicate_of,
              (select count(*)::int from step_run where run_id = $1) as steps
       from run where id = $1`,
      [run.id],
    );
    expect(rows).toEqual([
      { status: 'duplicate', open_steps: 0, ended: true, duplicate_of: run.duplicateOf, steps: 0 },
    ]);
  });
});
