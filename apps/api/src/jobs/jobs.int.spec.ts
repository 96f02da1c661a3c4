import { decodeTriggerMessage, newId, queues, type RunId } from '@millrace/contracts';
import { eventually, seedFlow, type SeededFlow } from '@millrace/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tutorialDraft, useApi, type TestUser } from '../../test/api.fixture.js';
import { beginRun, failedRun, listen, publishVersion, settle } from '../../test/runs.fixture.js';
import { replayIdOf } from './replay-id.js';

const test = useApi();
let user: TestUser;
let flow: SeededFlow;
let triggers: Awaited<ReturnType<typeof listen>>;

beforeAll(async () => {
  triggers = await listen(test, queues.triggers);
});
afterAll(() => triggers.close());
beforeEach(async () => {
  triggers.got.length = 0;
  user = await test.signedIn();
  flow = await seedFlow(test.database, tutorialDraft(newId()), { workspaceId: user.workspaceId });
});

interface Job {
  id: string;
  status: string;
  total: number | null;
  done: number;
  failed: number;
  failures: { runId: string; code: string; message: string }[];
}

const bulk = (body: object, by = user) => test.as(by).post('/v1/runs/bulk').send(body);
const begin = async (body: object) => (await bulk(body).expect(202)).body as Job;
const read = async (id: string) => (await test.as(user).get(`/v1/jobs/${id}`).expect(200)).body as Job;
const ended = (id: string): Promise<Job> =>
  eventually(
    async () => {
      const job = await read(id);
      expect(['done', 'cancelled']).toContain(job.status);
      return job;
    },
    { timeoutMs: 20_000 },
  );
const query = <Row>(text: string, values: unknown[] = []) => test.database.dataSource.query<Row[]>(text, values);
const statusOf = async (runId: RunId) =>
  (await query<{ status: string }>('select status from run where id = $1', [runId]))[0]?.status;

describe('a bulk retry', () => {
  it('retries what matches and began before it, and tells how far it is', async () => {
    const ids = [await failedRun(test.database, flow), await failedRun(test.database, flow)];
    const running = await beginRun(test.database, flow);
    const later = new Date(Date.now() + 3_600_000).getTime().toString(16).padStart(12, '0');
    const future = `${later.slice(0, 8)}-${later.slice(8)}${newId().slice(13)}` as RunId;
    await failedRun(test.database, flow, undefined, { id: future });
    const answer = await bulk({ filter: { flowId: flow.flowId }, action: 'retry' }).expect(202);
    const job = answer.body as Job;
    expect(answer.headers['location']).toBe(`/v1/jobs/${job.id}`);
    expect(job).toMatchObject({
      action: 'retry',
      version: 'same',
      filter: { flowId: flow.flowId },
      createdBy: user.userId,
    });
    expect(await ended(job.id)).toMatchObject({ status: 'done', total: 2, done: 2, failed: 0, failures: [] });
    for (const id of ids) expect(await statusOf(id)).toBe('running');
    expect(await statusOf(running)).toBe('running');
    expect(await statusOf(future)).toBe('failed');
    const { body: jobs } = await test.as(user).get('/v1/jobs').expect(200);
    expect(jobs).toMatchObject({ items: [{ id: job.id, status: 'done' }], nextCursor: null });
  });

  it('of runs that were named leaves the others, and those of another workspace', async () => {
    const chosen = await failedRun(test.database, flow);
    const other = await failedRun(test.database, flow);
    const stranger = await test.signedIn();
    const strange = await seedFlow(test.database, tutorialDraft(newId()), { workspaceId: stranger.workspaceId });
    const theirs = await failedRun(test.database, strange);
    const filter = { runIds: [chosen.replaceAll('-', ''), theirs] };
    expect(await ended((await begin({ filter, action: 'retry' })).id)).toMatchObject({ total: 1, done: 1, failed: 0 });
    expect([await statusOf(chosen), await statusOf(other), await statusOf(theirs)]).toEqual([
      'running',
      'failed',
      'failed',
    ]);
    await bulk({ filter: { runIds: [] }, action: 'retry' }).expect(422);
    await bulk({ filter: { runIds: ['x'] }, action: 'retry' }).expect(422);
  });

  it('of one incident leaves the others', async () => {
    const alike = [503, 504].map((status) => ({ code: 'away', message: `Answered ${status}` }));
    const ids = [];
    for (const error of alike) ids.push(await failedRun(test.database, flow, error));
    const other = await failedRun(test.database, flow, { code: 'away', message: 'No connection' });
    const { body } = await test.as(user).get(`/v1/flows/${flow.flowId}/incidents`).expect(200);
    const incident = (body as { items: { count: number; fingerprint: string }[] }).items.find(
      ({ count }) => count === 2,
    )!;
    const filter = { flowId: flow.flowId, fingerprint: incident.fingerprint };
    expect(await ended((await begin({ filter, action: 'retry' })).id)).toMatchObject({ total: 2, done: 2, failed: 0 });
    expect([await statusOf(ids[0]!), await statusOf(ids[1]!), await statusOf(other)]).toEqual([
      'running',
      'running',
      'failed',
    ]);
  });

  it('keeps the first twenty failures with the reason that one run would have been answered', async () => {
    for (let n = 0; n < 22; n += 1) await failedRun(test.database, flow);
    const { steps } = tutorialDraft(newId());
    await publishVersion(test.database, flow, { steps: [steps[0]!], edges: [] });
    const { id } = await begin({ filter: { flowId: flow.flowId }, action: 'retry', version: 'current' });
    const job = await ended(id);
    expect(job).toMatchObject({ status: 'done', total: 22, done: 0, failed: 22 });
    expect(job.failures).toHaveLength(20);
    expect(job.failures[0]).toMatchObject({
      code: 'flow_changed',
      message: expect.stringContaining('step_2') as string,
    });
  });

  it('is narrowed by step, code, text, status and time', async () => {
    const error = { code: 'refused', message: 'Say "please", Gromit' };
    const found = await failedRun(test.database, flow, error, { body: '{"petname":"Feathers McGraw"}' });
    await failedRun(test.database, flow);
    const early = await beginRun(test.database, flow);
    await settle(test.database, flow, { runId: early, stepId: 'step_1', error });
    const { flowId } = flow;
    // At most one matches each of them; what was retried is failed again for the next.
    for (const filter of [
      { errorCode: 'refused', stepId: 'step_2' },
      { text: 'say "PLEASE", gromit', stepId: 'step_2' },
      {
        stepId: 'step_2',
        errorCode: 'refused',
        status: 'failed',
        from: '2020-01-01',
        to: '2999-01-01',
        text: 'please',
      },
    ]) {
      const job = await ended((await begin({ filter: { flowId, ...filter }, action: 'retry' })).id);
      expect({ filter, ...job }).toMatchObject({ total: 1, done: 1 });
      expect(await statusOf(found)).toBe('running');
      await query(
        `update run set status = 'failed', open_steps = 0, failed_steps = 1, finished_at = now() where id = $1`,
        [found],
      );
      await query(`update step_run set status = 'failed', error = $2 where run_id = $1 and status = 'waiting'`, [
        found,
        JSON.stringify({ ...error, detail: null }),
      ]);
    }
    for (const filter of [{ to: '2020-01-01' }, { text: 'refused' }, { errorCode: 'please' }]) {
      const nothing = await ended((await begin({ filter: { flowId, ...filter }, action: 'retry' })).id);
      expect({ filter, ...nothing }).toMatchObject({ total: 0, done: 0, failed: 0, stopped: null });
    }
  });

  it('with a text acts on what the list of runs shows for it, and tells nothing of what is hidden in payloads', async () => {
    const error = { code: 'refused', message: 'No pet of that name' };
    const ids = [
      await failedRun(test.database, flow, error, { body: '{"petname":"Feathers McGraw"}' }),
      await failedRun(test.database, flow),
    ];
    for (const [text, total] of [
      ['Feathers', 0],
      ['Gromit', 0],
      ['no PET of', 1],
    ] as const) {
      const filter = { flowId: flow.flowId, text, status: 'failed' };
      const { body } = await test.as(user).get('/v1/runs').query(filter).expect(200);
      expect((body as { items: unknown[] }).items).toHaveLength(total);
      expect(await ended((await begin({ filter, action: 'retry' })).id)).toMatchObject({ total, done: total });
    }
    expect([await statusOf(ids[0]!), await statusOf(ids[1]!)]).toEqual(['running', 'failed']);
  });
});

describe('a bulk replay', () => {
  it('gives each run one replay, with an id that follows from job and run', async () => {
    const ids = [
      await failedRun(test.database, flow),
      await beginRun(test.database, flow),
      await beginRun(test.database, flow),
    ];
    const { id } = await begin({ filter: { flowId: flow.flowId }, action: 'replay' });
    expect(await ended(id)).toMatchObject({ total: 3, done: 3, failed: 0, version: 'current' });
    const sent = triggers.got.map((delivery) => decodeTriggerMessage(delivery));
    const pairs = sent.map((decoded) => decoded.ok && [decoded.value.replayOf, decoded.value.runId]);
    expect(pairs).toEqual(ids.map((runId) => [runId, replayIdOf(id, runId)]));
    // As after a kill between the confirm and the count.
    await query(`update bulk_job set status = 'running', cursor = $2, done = 1 where id = $1`, [id, ids[0]]);
    await ended(id);
    await eventually(() => expect(triggers.got).toHaveLength(5));
    expect(new Set(triggers.got.map(({ messageId }) => messageId)).size).toBe(3);
  });
});

describe('a bulk cancel', () => {
  it('takes times that an offset leads beyond the year 9999', async () => {
    const runId = await beginRun(test.database, flow);
    const filter = { flowId: flow.flowId, to: '9999-12-31T23:59:59-01:00' };
    const job = await ended((await begin({ filter, action: 'cancel' })).id);
    expect(job).toMatchObject({ status: 'done', done: 1, filter: { to: '9999-12-31T23:59:59.999Z' } });
    expect(await statusOf(runId)).toBe('cancelled');
  });

  it('that cannot go on is over, and says why', async () => {
    const { id } = await begin({ filter: { flowId: flow.flowId }, action: 'cancel' });
    await ended(id);
    await query(`update bulk_job set status = 'running', finished_at = null, filter = '{"to":"never"}' where id = $1`, [
      id,
    ]);
    await eventually(async () => expect(await read(id)).toMatchObject({ status: 'cancelled' }));
    const stopped = { code: 'internal_error', message: expect.stringContaining('could not go on') as string };
    expect(await read(id)).toMatchObject({ failures: [], failed: 0, stopped });
  });

  it('cancels what has not ended', async () => {
    const open = [await beginRun(test.database, flow), await beginRun(test.database, flow)];
    await query(`update run set status = 'queued' where id = $1`, [open[1]]);
    const failed = await failedRun(test.database, flow);
    expect(await ended((await begin({ filter: { flowId: flow.flowId }, action: 'cancel' })).id)).toMatchObject({
      version: null,
      total: 2,
      done: 2,
      failed: 0,
    });
    for (const id of open) expect(await statusOf(id)).toBe('cancelled');
    expect(await statusOf(failed)).toBe('failed');
    expect(await query('select 1 from run_cancellation')).toEqual([]);
  });
});

describe('jobs of a workspace', () => {
  it('run one after the other, and those of another workspace beside them', async () => {
    const blocking = await begin({ filter: { status: 'failed' }, action: 'retry' });
    await ended(blocking.id);
    // As if another process were at it.
    await query(
      `update bulk_job set status = 'running', finished_at = null, lease_owner = $2, lease_until = now() + interval '1 h' where id = $1`,
      [blocking.id, newId()],
    );
    const runId = await failedRun(test.database, flow);
    const [first, second] = [
      await begin({ filter: { flowId: flow.flowId }, action: 'retry' }),
      await begin({ filter: { flowId: flow.flowId }, action: 'cancel' }),
    ];
    const theirs = await test.signedIn();
    const other = (await bulk({ filter: { status: 'failed' }, action: 'retry' }, theirs).expect(202)).body as Job;
    await eventually(async () => {
      const { body } = await test.as(theirs).get(`/v1/jobs/${other.id}`).expect(200);
      expect(body).toMatchObject({ status: 'done' });
    });
    expect([(await read(first.id)).status, (await read(second.id)).status]).toEqual(['queued', 'queued']);
    await test.as(user).post(`/v1/jobs/${blocking.id}/cancel`).expect(200);
    expect(await ended(second.id)).toMatchObject({ done: 1 });
    expect(await read(first.id)).toMatchObject({ status: 'done', done: 1 });
    expect(await statusOf(runId)).toBe('cancelled');
  });

  it('can be cancelled while they wait, and again, but not when they are done', async () => {
    const done = await begin({ filter: { flowId: flow.flowId }, action: 'retry' });
    await ended(done.id);
    const { body } = await test.as(user).post(`/v1/jobs/${done.id}/cancel`).expect(409);
    expect(body).toMatchObject({ code: 'job_finished' });
    await query(`update bulk_job set status = 'running', lease_until = now() + interval '1 h' where id = $1`, [
      done.id,
    ]);
    const runId = await failedRun(test.database, flow);
    const waiting = await begin({ filter: { flowId: flow.flowId }, action: 'retry' });
    for (let n = 0; n < 2; n += 1) {
      const answer = await test.as(user).post(`/v1/jobs/${waiting.id}/cancel`).expect(200);
      expect(answer.body).toMatchObject({ status: 'cancelled', done: 0, finishedAt: expect.any(String) as string });
    }
    await test.as(user).post(`/v1/jobs/${done.id}/cancel`).expect(200);
    expect(await statusOf(runId)).toBe('failed');
  });

  it('are seen by nobody else, and act on nothing of others', async () => {
    const runId = await failedRun(test.database, flow);
    const stranger = await test.signedIn({ role: 'administrator' });
    const { id } = (await bulk({ filter: { flowId: flow.flowId }, action: 'retry' }, stranger).expect(202)).body as Job;
    await eventually(async () => {
      const { body } = await test.as(stranger).get(`/v1/jobs/${id}`).expect(200);
      expect(body).toMatchObject({ status: 'done', total: 0 });
    });
    expect(await statusOf(runId)).toBe('failed');
    await test.as(user).get(`/v1/jobs/${id}`).expect(404);
    await test.as(user).post(`/v1/jobs/${id}/cancel`).expect(404);
    expect((await test.as(user).get('/v1/jobs').expect(200)).body).toEqual({ items: [], nextCursor: null });
  });

  it.each([
    [{ action: 'retry' }, '/filter'],
    [{ action: 'retry', filter: {} }, '/filter'],
    [{ action: 'delete', filter: { status: 'failed' } }, '/action'],
    [{ action: 'retry', filter: { status: 'running' } }, '/filter/status'],
    [{ action: 'cancel', filter: { status: 'failed' } }, '/filter/status'],
    [{ action: 'cancel', filter: { status: 'queued' }, version: 'same' }, '/version'],
    [{ action: 'retry', filter: { fingerprint: '0'.repeat(32) } }, '/filter/flowId'],
    [{ action: 'retry', filter: { flowId: 'x' } }, '/filter/flowId'],
    [{ action: 'retry', filter: { status: 'failed', name: 'x' } }, '/filter'],
  ])('are refused for %j', async (body, pointer) => {
    const answer = await bulk(body).expect(422);
    expect(answer.body).toMatchObject({ code: 'validation_failed', problems: [{ pointer }] });
  });
});
