import { setTimeout as sleep } from 'node:timers/promises';
import { newId, type CredentialId, type FlowId, type RunId, type WorkspaceId } from '@millrace/contracts';
import { insertRejections, parkMessages, saveCapturedSample, type NewRejection } from '@millrace/persistence';
import { eventually, seedCredential, seedFlow, type SeededFlow } from '@millrace/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startComponent, petstoreDescriptor, tutorialDraft, useApi, type TestUser } from '../../test/api.fixture.js';
import { closeReaders, readLive, type TestReader } from '../../test/live.fixture.js';
import { beginRun, failedRun, finishRun, idAt, settle } from '../../test/runs.fixture.js';
import { maxPerUser } from './live.js';

const test = useApi();
let user: TestUser;
let flow: SeededFlow;

beforeEach(async () => {
  user = await test.signedIn({ role: 'administrator' });
  flow = await seedFlow(test.database, tutorialDraft(newId()), { workspaceId: user.workspaceId });
});
afterEach(() => {
  closeReaders();
});

const sql = (text: string, values: unknown[] = []) => test.database.dataSource.query(text, values);
const heardBy = (reader: TestReader, data: object) =>
  eventually(() => expect(reader.heard).toContainEqual({ name: 'change', data }));
/** Longer than runs are looked at, and changes gathered. */
const quiet = () => sleep(2_000);

describe('a reader of what changes', () => {
  it('is told to read anew first, by a stream that nobody on the way keeps or gathers', async () => {
    const reader = await readLive(test, user);
    expect(reader.raw()).toBe('retry: 2000\n\nevent: ready\ndata: {}\n\n');
    expect(reader.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
      'x-request-id': expect.any(String) as string,
    });
  });

  it('hears of a sample that was captured, at once', async () => {
    const { flowId } = flow;
    await sql(
      `insert into sample_capture (flow_id, step_id, workspace_id, expires_at) values ($1, 'step_1', $2, now() + interval '1 hour')`,
      [flowId, user.workspaceId],
    );
    await sleep(500);
    const reader = await readLive(test, user);
    const beganMs = performance.now();
    await saveCapturedSample(test.database, { flowId, requestId: newId<RunId>(), output: '{"petname":"Gromit"}' });
    await heardBy(reader, { type: 'sample', flowId, id: 'step_1' });
    expect(performance.now() - beganMs).toBeLessThan(500);
  });

  it('hears of flows, credentials, rejections, jobs and components', async () => {
    const { flowId, workspaceId } = flow;
    const reader = await readLive(test, user);
    await test.as(user).patch(`/v1/flows/${flowId}`).send({ name: 'Renamed' }).expect(200);
    await heardBy(reader, { type: 'flow', flowId });
    const id = newId<CredentialId>();
    await seedCredential(test.database, { id, workspaceId, component: 'petstore', sealed: 'sealed' });
    await heardBy(reader, { type: 'credential', id });
    await insertRejections(test.database, [rejection(), rejection()]);
    await heardBy(reader, { type: 'rejection', flowId });
    const job = await test
      .as(user)
      .post('/v1/runs/bulk')
      .send({ action: 'cancel', filter: { status: 'queued' } });
    const heard = () => reader.heard.filter(({ data }) => data['type'] === 'job');
    await eventually(() => expect(heard().length).toBeGreaterThan(0));
    expect(job.status).toBe(202);
    const component = await startComponent(test, petstoreDescriptor);
    await heardBy(reader, { type: 'component', id: 'petstore' });
    reader.take();
    await component.announce();
    await quiet();
    expect(reader.heard).toEqual([]);
    await component.close();
  });

  it('hears of a run that begins, ends, is retried and cancelled', async () => {
    const reader = await readLive(test, user);
    const runId = await beginRun(test.database, flow);
    const told = { type: 'run', flowId: flow.flowId, runId };
    await heardBy(reader, told);
    reader.take();
    await finishRun(test.database, flow, { runId, failed: true });
    await heardBy(reader, told);
    reader.take();
    await test.as(user).post(`/v1/runs/${runId}/retry`).expect(200);
    await heardBy(reader, { type: 'run', runId });
    reader.take();
    await test.as(user).post(`/v1/runs/${runId}/cancel`).expect(200);
    await heardBy(reader, { type: 'run', runId });
    await quiet();
    reader.take();
    await quiet();
    expect(reader.heard).toEqual([]);
  });

  it('hears of many runs as one change with their number, flow by flow', async () => {
    const other = await seedFlow(test.database, tutorialDraft(newId()), { workspaceId: user.workspaceId });
    const reader = await readLive(test, user);
    const runIds = Array.from({ length: 300 }, () => newId<RunId>());
    await Promise.all(runIds.map((id) => beginRun(test.database, flow, { id })));
    const alone = await beginRun(test.database, other);
    await heardBy(reader, { type: 'run', flowId: other.flowId, runId: alone });
    const counted = () =>
      reader.heard
        .filter(({ data }) => data['type'] === 'run' && data['flowId'] === flow.flowId)
        .map(({ data }) => (data['count'] as number | undefined) ?? 1);
    await eventually(() => expect(counted().reduce((sum, count) => sum + count, 0)).toBe(300));
    expect(counted().length).toBeLessThan(6);
  });

  it('hears of a run of long ago when somebody acts on it, and of its end after that', async () => {
    const runId = await failedRun(test.database, flow, undefined, { id: idAt(Date.now() - 3 * 3_600_000) });
    await beginRun(test.database, flow);
    const reader = await readLive(test, user);
    await test.as(user).post(`/v1/runs/${runId}/retry`).expect(200);
    await heardBy(reader, { type: 'run', runId });
    await quiet();
    reader.take();
    await sql(`update run set status = 'succeeded', finished_at = now() where id = $1`, [runId]);
    await heardBy(reader, { type: 'run', flowId: flow.flowId, runId });
  });

  it('hears of each step of the runs that they look at, and of others not', async () => {
    const old = () => beginRun(test.database, flow, { id: idAt(Date.now() - 3 * 3_600_000) });
    const [watched, other] = [await old(), await old()];
    await beginRun(test.database, flow);
    const reader = await readLive(test, user, `?runId=${watched},${newId()}`);
    const opens = [{ stepId: 'step_2', path: '0', input: {} }];
    for (const runId of [watched, other]) {
      await settle(test.database, flow, { runId, stepId: 'step_1', outputs: [{}], opens });
    }
    await heardBy(reader, { type: 'run', flowId: flow.flowId, runId: watched });
    expect(reader.heard.filter(({ data }) => data['type'] === 'run')).toHaveLength(1);
    await test.as(user).get('/v1/live?runId=x').expect(400);
  });

  it('hears of a call that resumes a run', async () => {
    const runId = await beginRun(test.database, flow);
    const reader = await readLive(test, user);
    await sql(
      `insert into resume (id, workspace_id, run_id, step_id, path, once, request, body)
       values ($1, $2, $3, 'step_2', '0', true, '{}', '')`,
      [newId(), user.workspaceId, runId],
    );
    await heardBy(reader, { type: 'run', runId });
  });

  it('hears nothing of other workspaces', async () => {
    const reader = await readLive(test, await test.signedIn({ role: 'administrator' }));
    await finishRun(test.database, flow, { runId: await beginRun(test.database, flow) });
    await insertRejections(test.database, [rejection()]);
    await sql('update flow set name = $2 where id = $1', [flow.flowId, 'x']);
    await park(user.workspaceId);
    await quiet();
    expect(reader.heard).toEqual([]);
  });

  it('hears of parked messages of the workspace as an administrator only', async () => {
    const member = await test.signedIn({ workspaceId: user.workspaceId });
    const [reader, readingMember] = [await readLive(test, user), await readLive(test, member)];
    const id = await park(user.workspaceId);
    await heardBy(reader, { type: 'parked', id });
    reader.take();
    await test.as(user).delete(`/v1/parked/${id}`).expect(204);
    await heardBy(reader, { type: 'parked', id });
    await quiet();
    expect(readingMember.heard).toEqual([]);
  });

  it('is told to read anew when changes may have gone unheard', async () => {
    const reader = await readLive(test, user);
    await sql(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'api live' and datname = current_database()`,
    );
    await eventually(() => expect(reader.heard).toContainEqual({ name: 'ready', data: {} }));
    await sql('update flow set name = $2 where id = $1', [flow.flowId, 'x']);
    await heardBy(reader, { type: 'flow', flowId: flow.flowId });
  });

  it('is cut off when their session ends, and only they', async () => {
    const member = await test.signedIn({ workspaceId: user.workspaceId });
    const [reader, leaving] = [await readLive(test, user), await readLive(test, member)];
    await test.as(member).delete('/v1/sessions/current').expect(204);
    await eventually(() => expect(leaving.ended()).toBe(true), { timeoutMs: 10_000 });
    expect(reader.ended()).toBe(false);
  });

  it('is cut off with the API token that they read with, and not before', async () => {
    const asToken = async () => {
      const { body } = await test.as(user).post('/v1/api-tokens').send({ name: 'Live' }).expect(201);
      return body as { id: string; token: string };
    };
    const [kept, removed, expiring] = [await asToken(), await asToken(), await asToken()];
    const [reader, leaving, late] = [
      await readLive(test, { ...user, ...kept }),
      await readLive(test, { ...user, ...removed }),
      await readLive(test, { ...user, ...expiring }),
    ];
    await test.as(user).delete(`/v1/api-tokens/${removed.id}`).expect(204);
    await sql(`update api_token set expires_at = now() where id = $1`, [expiring.id]);
    await eventually(() => expect([leaving.ended(), late.ended()]).toEqual([true, true]), { timeoutMs: 10_000 });
    await sleep(5_500);
    expect(reader.ended()).toBe(false);
  }, 30_000);

  it('is cut off when they are disabled, whatever they read with', async () => {
    const { body } = await test.as(user).post('/v1/api-tokens').send({ name: 'Live' }).expect(201);
    const readers = [await readLive(test, user), await readLive(test, { ...user, ...(body as { token: string }) })];
    await sql(`update membership set disabled_at = now() where user_id = $1`, [user.userId]);
    await eventually(() => expect(readers.map((one) => one.ended())).toEqual([true, true]), { timeoutMs: 10_000 });
  });

  it('has a bounded number of connections, and gets a place back with one that ends', async () => {
    const readers: TestReader[] = [];
    for (let n = 0; n < maxPerUser; n += 1) readers.push(await readLive(test, user));
    expect((await readLive(test, user)).status).toBe(429);
    readers[0]?.close();
    await eventually(async () => expect((await readLive(test, user)).status).toBe(200));
  });
});

function rejection(): NewRejection {
  return {
    id: newId<RunId>(),
    workspaceId: user.workspaceId,
    flowId: flow.flowId,
    receivedAt: Date.now(),
    status: 401,
    reason: 'unauthorized',
    message: 'No',
    method: 'POST',
    path: '',
    headers: '{}',
    bodyBytes: null,
    bodySha256: null,
  };
}

async function park(workspaceId: WorkspaceId): Promise<string> {
  const id = newId<string>();
  const headers = JSON.stringify({ workspaceId });
  const own = { id, queue: 'results', reason: 'odd', messageId: newId<FlowId>(), body: Buffer.from('{') };
  await parkMessages(test.database, [{ ...own, headers }]);
  return id;
}
