import { createHash } from 'node:crypto';
import { newId, type FlowId, type RunId } from '@millrace/contracts';
import type { FlowSettings } from '@millrace/flow-model';
import { insertHeldRuns } from '@millrace/persistence';
import { seedFlow, type SeededFlow } from '@millrace/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { useApi, type TestUser } from '../../test/api.fixture.js';

const test = useApi();
let user: TestUser;
beforeEach(async () => {
  user = await test.signedIn();
});

const flowWith = (status: string, settings?: FlowSettings): Promise<SeededFlow> =>
  seedFlow(
    test.database,
    { steps: [{ id: 'step_1', component: 'webhook', operation: 'receive' }], edges: [], ...(settings && { settings }) },
    { workspaceId: user.workspaceId, status },
  );
const post = (id: FlowId, route: string, body?: object) => test.as(user).post(`/v1/flows/${id}/${route}`).send(body);
const get = (id: FlowId, route = '') => test.as(user).get(`/v1/flows/${id}${route}`);
const query = <Row>(text: string, values: unknown[]) => test.database.dataSource.query<Row[]>(text, values);
const keyOf = (text: string): Buffer => createHash('sha256').update(text).digest();

async function holdRuns(flow: SeededFlow, count: number, orderKey: Buffer | null = null): Promise<RunId[]> {
  const ids = Array.from({ length: count }, () => newId<RunId>());
  const rest = { ...flow, receivedAt: Date.now(), request: '{}', body: Buffer.from('{}'), orderKey };
  await insertHeldRuns(
    test.database,
    ids.map((id) => ({ ...rest, id })),
  );
  return ids;
}

async function holdsRuns({ flowId }: SeededFlow): Promise<boolean> {
  const [row] = await query<{ holds: boolean }>('select holds_runs as holds from flow where id = $1', [flowId]);
  return row!.holds;
}

async function statuses(runIds: RunId[]): Promise<string[]> {
  const rows = await query<{ status: string }>('select status from run where id = any ($1)', [runIds]);
  return rows.map(({ status }) => status);
}

describe('a running flow', () => {
  it('is paused and resumed, each as often as one likes, and says how many runs wait', async () => {
    const flow = await flowWith('running');
    for (let time = 0; time < 2; time += 1) {
      const { body } = await post(flow.flowId, 'pause').expect(200);
      expect(body).toMatchObject({ id: flow.flowId, status: 'paused', queuedRuns: 0 });
      expect(await holdsRuns(flow)).toBe(true);
    }
    await holdRuns(flow, 3);
    expect((await get(flow.flowId).expect(200)).body).toMatchObject({ status: 'paused', queuedRuns: 3 });
    const list = (await test.as(user).get('/v1/flows').expect(200)).body as { items: object[] };
    expect(list.items).toMatchObject([{ id: flow.flowId, queuedRuns: 3 }]);
    for (let time = 0; time < 2; time += 1) {
      const { body } = await post(flow.flowId, 'resume', { runsPerSecond: 0.5 }).expect(200);
      expect(body).toMatchObject({ status: 'running', queuedRuns: 3 });
    }
    expect(await holdsRuns(flow)).toBe(false);
    expect((await get(flow.flowId, '/queue').expect(200)).body).toMatchObject({ queued: 3, resumedPerSecond: 0.5 });
    await post(flow.flowId, 'resume').expect(200);
    expect((await get(flow.flowId, '/queue').expect(200)).body).toMatchObject({ resumedPerSecond: null });
  });

  it.each([{ runsPerSecond: 0 }, { runsPerSecond: '5' }, { rate: 5 }])(
    'is not resumed with the body %j',
    async (body) => {
      const flow = await flowWith('paused');
      expect((await post(flow.flowId, 'resume', body).expect(422)).body).toMatchObject({ code: 'validation_failed' });
      expect((await get(flow.flowId)).body).toMatchObject({ status: 'paused' });
    },
  );
});

describe('what does not fit the status of a flow', () => {
  it.each([
    ['draft', 'pause', 'flow_not_running'],
    ['stopped', 'pause', 'flow_not_running'],
    ['draft', 'resume', 'flow_not_paused'],
    ['stopped', 'resume', 'flow_not_paused'],
    ['paused', 'start', 'flow_paused'],
  ])('of a flow that is %s, %s, is answered 409 %s and what to do instead', async (status, route, code) => {
    const flow = await flowWith(status);
    const { body } = await post(flow.flowId, route).expect(409);
    expect(body).toMatchObject({
      code,
      detail: expect.stringMatching(/POST \/v1\/flows\/.*\/(start|resume)/) as string,
    });
    expect((await get(flow.flowId)).body).toMatchObject({ status });
  });

  it('is the deletion of one that is paused', async () => {
    const flow = await flowWith('paused');
    expect((await test.as(user).delete(`/v1/flows/${flow.flowId}`).expect(409)).body).toMatchObject({
      code: 'flow_active',
    });
  });
});

describe('a paused flow that is stopped', () => {
  it('keeps its queued runs, and holds what was accepted before, until it is started again', async () => {
    const flow = await flowWith('running');
    await post(flow.flowId, 'pause').expect(200);
    const runIds = await holdRuns(flow, 2);
    expect((await post(flow.flowId, 'stop').expect(200)).body).toMatchObject({ status: 'stopped', queuedRuns: 2 });
    expect(await holdsRuns(flow)).toBe(true);
    expect(await statuses(runIds)).toEqual(['queued', 'queued']);
    expect((await post(flow.flowId, 'start').expect(200)).body).toMatchObject({ status: 'running', queuedRuns: 2 });
    expect(await holdsRuns(flow)).toBe(false);
  });

  it('cancels its queued runs when it is asked to', async () => {
    const flow = await flowWith('paused');
    const runIds = await holdRuns(flow, 2);
    const { body } = await post(flow.flowId, 'stop', { queued: 'cancel' }).expect(200);
    expect(body).toMatchObject({ status: 'stopped', queuedRuns: 0 });
    expect(await statuses(runIds)).toEqual(['cancelled', 'cancelled']);
    await post(flow.flowId, 'stop', { queued: 'maybe' }).expect(422);
  });

  it('has its queued runs cancelled when it is deleted', async () => {
    const flow = await flowWith('stopped');
    const runIds = await holdRuns(flow, 2);
    await test.as(user).delete(`/v1/flows/${flow.flowId}`).expect(204);
    expect(await statuses(runIds)).toEqual(['cancelled', 'cancelled']);
    expect(await query('select 1 from held_run where flow_id = $1', [flow.flowId])).toEqual([]);
  });
});

describe('the queue of a flow', () => {
  it('is cancelled on demand, in portions, without those that have begun or have been cancelled already', async () => {
    const flow = await flowWith('running', { concurrency: 2 });
    const runIds = await holdRuns(flow, 2_500);
    await query(`update held_run set state = 'begun' where run_id = $1`, [runIds[0]]);
    await query(`update run set status = 'running' where id = $1`, [runIds[0]]);
    await query(`update run set status = 'cancelled', finished_at = now() where id = $1`, [runIds[1]]);
    expect((await post(flow.flowId, 'queue/cancel').expect(200)).body).toEqual({ cancelled: 2_498 });
    expect((await post(flow.flowId, 'queue/cancel').expect(200)).body).toEqual({ cancelled: 0 });
    expect((await get(flow.flowId, '/queue').expect(200)).body).toMatchObject({ queued: 0, begun: 1, concurrency: 2 });
  });

  it('shows how many wait, since when, and which keys failed runs hold up; such a key is released by hand', async () => {
    const flow = await flowWith('running', { order: { key: 'id', onFailure: 'park' } });
    const [failed] = await holdRuns(flow, 1, keyOf('a'));
    const waiting = await holdRuns(flow, 2, keyOf('a'));
    await holdRuns(flow, 1, keyOf('b'));
    await query(`update held_run set state = 'failed' where run_id = $1`, [failed]);
    await query(`update held_run set state = 'behind' where run_id = any ($1)`, [waiting]);
    const key = keyOf('a').toString('hex');
    expect((await get(flow.flowId, '/queue').expect(200)).body).toEqual({
      flowId: flow.flowId,
      status: 'running',
      queued: 3,
      behind: 2,
      begun: 0,
      concurrency: null,
      oldest: { runId: waiting[0], acceptedAt: expect.any(String) as string },
      resumedPerSecond: null,
      keys: [{ key, state: 'parked', runId: failed, waiting: 2 }],
      keysLeftOut: 0,
    });
    const { body } = await post(flow.flowId, 'queue/release', { key }).expect(200);
    expect(body).toMatchObject({ queued: 3, behind: 1, keys: [] });
    const [first] = await query<{ state: string }>('select state from held_run where run_id = $1', [waiting[0]]);
    expect(first).toEqual({ state: 'queued' });
    expect((await post(flow.flowId, 'queue/release', { key }).expect(404)).body).toMatchObject({ code: 'not_found' });
    await post(flow.flowId, 'queue/release', { key: 'a' }).expect(422);
  });
});

describe('the settings of a draft', () => {
  const steps = [{ id: 'step_1', component: 'webhook', operation: 'receive' }];

  it('are published with it, and a key that cannot be read is a problem with its place', async () => {
    const { flowId } = await flowWith('stopped');
    const save = (settings: object) =>
      test.as(user).put(`/v1/flows/${flowId}/draft`).send({ steps, edges: [], settings });
    const good = {
      concurrency: 5,
      order: { key: '$request.headers.`x-shop`', onFailure: 'block' },
      resumePerSecond: 10,
    };
    expect((await save(good).expect(200)).body).toMatchObject({ draft: { settings: good } });
    const bad = (await save({ order: { key: 'a +' } }).expect(200)).body as { problems: { pointer: string }[] };
    expect(bad.problems).toContainEqual(
      expect.objectContaining({ pointer: '/settings/order/key', code: 'invalid_expression' }),
    );
    for (const settings of [{ concurrency: 0 }, { concurrency: 10_001 }, { order: {} }, { unknown: 1 }]) {
      await save(settings).expect(422);
    }
  });
});
