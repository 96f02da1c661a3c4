import { newId, type FlowId, type FlowVersionId, type RunId, type StepId, type WorkspaceId } from '@millrace/contracts';
import { openDatabase, type Database } from '@millrace/persistence';
import { useTestDatabase } from '@millrace/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listRuns } from './run-log.js';
import { runSearch, searchBounds, type RunFilter } from './search-runs.js';

const testDatabase = useTestDatabase();
let database: Database;

const workspaceId = newId<WorkspaceId>();
const busy = newId<FlowId>();
const quiet = newId<FlowId>();
const runCount = 100_000;
/** One run in so many fails, and one in all, long ago, with a code of its own. */
const failsEvery = 10;

beforeAll(async () => {
  database = await openDatabase({ url: testDatabase.url, applicationName: 'spec', statementTimeoutMs: 0 });
  await database.dataSource.query("select ensure_partitions((now() - interval '4 days')::date, 5)");
  // Spread over two days, in order, so that the n-th run is known by its time.
  await database.dataSource.query(
    `insert into run (id, workspace_id, flow_id, version_id, status, open_steps, failed_steps, started_at, finished_at, request, body)
     select (substr(first_id_at(t)::text, 1, 14) || '7' || substr(md5(n::text), 1, 3) || '-8' || substr(md5(n::text), 4, 3) || '-' || substr(md5(n::text), 7, 12))::uuid,
            $1, case when n % 1000 = 0 then $3::uuid else $2::uuid end, $4,
            case when n % $6 = 0 then 'failed' else 'succeeded' end, 0, case when n % $6 = 0 then 1 else 0 end, t, t, '{}', ''
     from generate_series(1, $5::int) n, lateral (select now() - interval '2 days' + n * interval '2 days' / $5 as t) at`,
    [workspaceId, busy, quiet, newId<FlowVersionId>(), runCount, failsEvery],
  );
  await database.dataSource.query(
    `insert into step_run (run_id, step_id, path, workspace_id, flow_id, version_id, status, output, error, finished_at)
     select id, step, case step when 'step_1' then '' else '0' end, workspace_id, flow_id, version_id,
            case when step = 'step_2' then status else 'succeeded' end, '{}',
            case when step = 'step_2' and status = 'failed' then json_build_object('code', 'refused', 'message', 'no pets today', 'detail', null) end,
            finished_at
     from run, unnest(array['step_1', 'step_2']) step`,
  );
  const first = `select run_id from step_run where status = 'failed' order by run_id limit 1`;
  await database.dataSource.query(
    `update step_run set error = '{"code":"rare","message":"the moon is full","detail":"\\u0000"}'
     where step_id = 'step_2' and run_id = (${first})`,
  );
  await database.dataSource.query('analyze run, step_run');
}, 120_000);
afterAll(() => database.close());

interface PlanNode {
  'Node Type': string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: PlanNode[];
}

/** How many rows of tables and indexes a search reads. */
async function rowsRead(filter: Partial<RunFilter>): Promise<number> {
  const { text, values } = runSearch(workspaceId, { limit: 50, ...filter });
  const [row] = await database.dataSource.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }[]>(
    `explain (analyze, format json) ${text}`,
    values,
  );
  const read = (node: PlanNode): number => {
    const own = node['Node Type'].includes('Scan') && !node['Node Type'].includes('Subquery');
    const rows = own ? (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'] : 0;
    return rows + (node.Plans ?? []).reduce((sum, below) => sum + read(below), 0);
  };
  return read(row!['QUERY PLAN'][0]!.Plan);
}

const page = (filter: Partial<RunFilter>) =>
  listRuns(database.dataSource.manager, workspaceId, { limit: 50, ...filter });

const manyPartitions = 100;

describe('a search over 100,000 runs', () => {
  it.each<[string, Partial<RunFilter>]>([
    ['nothing', {}],
    ['a flow', { flowId: quiet }],
    ['a status that many have', { status: ['failed'] }],
    ['a step', { stepId: 'step_2' as StepId }],
    ['a code', { errorCode: 'refused' }],
    ['a text', { text: 'PETS' }],
    ['everything', { flowId: busy, status: ['failed'], stepId: 'step_2' as StepId, errorCode: 'refused', text: 'no' }],
  ])('for %s reads little more than the page', async (_what, filter) => {
    expect(await page(filter)).toMatchObject({
      items: { length: 50 },
      truncated: false,
      next: expect.any(String) as string,
    });
    expect(await rowsRead(filter)).toBeLessThan(50 * failsEvery + 3 * 51 + manyPartitions);
  });

  it.each<[string, Partial<RunFilter>, number]>([
    ['a status that none has', { status: ['cancelled'] }, searchBounds.byStatus],
    ['a step that none came to', { stepId: 'step_3' as StepId }, searchBounds.bySteps],
    ['a code of long ago', { errorCode: 'rare' }, searchBounds.bySteps],
    ['a text of long ago', { text: 'moon' }, searchBounds.bySteps],
  ])('for %s stops and says how far it came', async (_what, filter, bound) => {
    const found = await page(filter);
    expect(found).toMatchObject({ items: [], truncated: true });
    const failed = filter.errorCode !== undefined || filter.text !== undefined;
    const [reached] = await database.dataSource.query<{ id: RunId }[]>(
      `select id from run where workspace_id = $1 ${failed ? `and status = 'failed'` : ''} order by id desc offset $2 limit 1`,
      [workspaceId, bound - 1],
    );
    expect(found.next).toBe(reached?.id);
    // The runs twice, the second time for the count, and a look-up or two for each.
    expect(await rowsRead(filter)).toBeLessThan(bound * 4 + manyPartitions);
  });

  it('finds what is rare when it goes on, once, and then ends', async () => {
    const found: RunId[] = [];
    let pages = 0;
    for (let before: RunId | undefined; ; pages += 1) {
      const { items, next } = await page({ text: 'the moon', before });
      found.push(...items.map((run) => run.id));
      if (next === null) break;
      before = next as RunId;
    }
    expect(found).toHaveLength(1);
    expect(pages).toBe(Math.floor(runCount / failsEvery / searchBounds.bySteps));
  });

  it('goes on behind the last match of a page', async () => {
    const all = await page({ status: ['failed'], limit: 100 });
    const first = await page({ status: ['failed'], limit: 60 });
    const second = await page({ status: ['failed'], limit: 40, before: first.next as RunId });
    expect([...first.items, ...second.items]).toEqual(all.items);
  });
});
