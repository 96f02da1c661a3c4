import { newId, type RunId } from '@millrace/contracts';
import { seedFlow, type SeededFlow } from '@millrace/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { tutorialDraft, useApi, type TestUser } from '../../test/api.fixture.js';
import { beginRun, failedRun, settle } from '../../test/runs.fixture.js';

const test = useApi();
let user: TestUser;
let flow: SeededFlow;

beforeEach(async () => {
  user = await test.signedIn();
  flow = await seedFlow(test.database, tutorialDraft(newId()), { workspaceId: user.workspaceId });
});

interface Incidents {
  items: { fingerprint: string; count: number; runIds: string[]; lastRunId: string; code: string; message: string }[];
  truncated: boolean;
}
const incidents = async (query = '') =>
  (await test.as(user).get(`/v1/flows/${flow.flowId}/incidents?${query}`).expect(200)).body as Incidents;
const fail = (code: string, message: string, id = newId<RunId>()) =>
  failedRun(test.database, flow, { code, message }, { id });

describe('the incidents of a flow', () => {
  it('are its failures by step, code and kind of message, the last one first', async () => {
    const ids = [];
    for (let n = 0; n < 7; n += 1) ids.push(await fail('away', `Answered ${500 + n} for “${n}”`));
    const refused = await fail('refused', 'No pet cus_9s6XKzkNRiz8i3\u0000');
    const { items, truncated } = await incidents();
    expect(truncated).toBe(false);
    const time = expect.stringMatching(/Z$/) as string;
    expect(items).toEqual([
      {
        flowId: flow.flowId,
        fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
        stepId: 'step_2',
        code: 'refused',
        message: 'No pet cus_9s6XKzkNRiz8i3\u0000',
        count: 1,
        firstSeenAt: time,
        lastSeenAt: time,
        lastRunId: refused,
        runIds: [refused],
      },
      expect.objectContaining({
        code: 'away',
        message: 'Answered 506 for “6”',
        count: 7,
        lastRunId: ids[6],
        runIds: ids.slice(2).toReversed(),
      }) as object,
    ]);
    expect((await incidents('limit=1')).truncated).toBe(true);
  });

  it('are those of failed runs only: not of one that goes on, was cancelled or is retried', async () => {
    const [retried, cancelled] = [await fail('away', 'a'), await fail('away', 'b')];
    await test.as(user).post(`/v1/runs/${retried}/retry`).expect(200);
    await test.database.dataSource.query(`update run set status = 'cancelled' where id = $1`, [cancelled]);
    const going = await beginRun(test.database, flow);
    const opens = [0, 1].map((n) => ({ stepId: 'step_2', path: String(n) }));
    await settle(test.database, flow, { runId: going, stepId: 'step_1', outputs: [1, 2], opens });
    await settle(test.database, flow, {
      runId: going,
      stepId: 'step_2',
      path: '0',
      error: { code: 'away', message: 'c' },
    });
    expect((await incidents()).items).toEqual([]);
    await settle(test.database, flow, { runId: going, stepId: 'step_2', path: '1', outputs: [{}] });
    expect((await incidents()).items).toMatchObject([{ count: 1, runIds: [going] }]);
  });

  it('are those of a week unless another time is given, and of this flow', async () => {
    const old = idAt(Date.now() - 8 * 24 * 3_600_000);
    await fail('away', 'a', old);
    const other = await seedFlow(test.database, tutorialDraft(newId()), { workspaceId: user.workspaceId });
    await failedRun(test.database, other);
    expect((await incidents()).items).toEqual([]);
    const from = new Date(Date.now() - 9 * 24 * 3_600_000).toISOString();
    expect((await incidents(`from=${from}`)).items).toMatchObject([{ runIds: [old] }]);
    expect((await incidents(`from=${from}&to=${from}`)).items).toEqual([]);
  });

  it('of very many failures are counted for the newest of them, and the answer says so', async () => {
    await test.database.dataSource.query(
      `with runs as (
         insert into run (id, workspace_id, flow_id, version_id, status, open_steps, failed_steps, finished_at, request, body)
         select (left($4::text, 24) || lpad(to_hex(n), 12, '0'))::uuid, $1, $2, $3, 'failed', 0, 1, now(), '{}', ''
         from generate_series(1, 10001) n returning id
       )
       insert into step_run (run_id, step_id, path, workspace_id, flow_id, version_id, status, error, finished_at)
       select id, 'step_2', '0', $1, $2, $3, 'failed',
              json_build_object('code', 'away', 'message', 'Answered ' || id::text, 'detail', null), now() from runs`,
      [flow.workspaceId, flow.flowId, flow.versionId, newId()],
    );
    const { items, truncated } = await incidents();
    expect(items).toMatchObject([{ count: 10_000, code: 'away' }]);
    expect(truncated).toBe(true);
  });

  it('are shown to their workspace only', async () => {
    const stranger = await test.signedIn({ role: 'administrator' });
    await test.as(stranger).get(`/v1/flows/${flow.flowId}/incidents`).expect(404);
    await test.as(user).get(`/v1/flows/${flow.flowId}/incidents?limit=0`).expect(400);
  });
});

/** A run id of a given time, as the webhooks service would have made it then. */
function idAt(timeMs: number): RunId {
  const hex = timeMs.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}${newId<RunId>().slice(13)}` as RunId;
}
