import { randomUUID } from 'node:crypto';
import { decodeReplyMessage, newId, replyQueue, type RunId } from '@millrace/contracts';
import { eventually, seedFlow, type SeededFlow } from '@millrace/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { tutorialDraft, useApi, type TestUser } from '../../test/api.fixture.js';
import { beginRun, failedRun, listen, settle } from '../../test/runs.fixture.js';

const test = useApi();
let user: TestUser;
let flow: SeededFlow;

beforeEach(async () => {
  user = await test.signedIn();
  flow = await seedFlow(test.database, tutorialDraft(newId()), { workspaceId: user.workspaceId });
});

const cancel = (id: RunId, by = user) => test.as(by).post(`/v1/runs/${id}/cancel`);
const query = <Row>(text: string, values: unknown[]) => test.database.dataSource.query<Row[]>(text, values);
const stepsOf = async (runId: RunId) =>
  query(
    'select step_id, status, due_at, finished_at is not null as finished from step_run where run_id = $1 order by 1',
    [runId],
  );

describe('cancelling a run', () => {
  it('ends it with its open steps, and shows what had succeeded', async () => {
    const runId = await beginRun(test.database, flow);
    const opens = [{ stepId: 'step_2', path: '0' }];
    await settle(test.database, flow, { runId, stepId: 'step_1', outputs: [{}], opens });
    const { body } = await cancel(runId).expect(200);
    expect(body).toMatchObject({ id: runId, status: 'cancelled', replayOf: null, flowVersion: 1 });
    expect((body as { finishedAt: string }).finishedAt).toMatch(/Z$/);
    expect(await stepsOf(runId)).toEqual([
      { step_id: 'step_1', status: 'succeeded', due_at: null, finished: true },
      { step_id: 'step_2', status: 'cancelled', due_at: null, finished: true },
    ]);
    expect(await query('select open_steps, failed_steps from run where id = $1', [runId])).toEqual([
      { open_steps: 0, failed_steps: 0 },
    ]);
    expect(await query('select 1 from run_cancellation', [])).toEqual([]);
    expect((await test.as(user).get(`/v1/requests/${runId}`).expect(200)).body).toMatchObject({ status: 'cancelled' });
  });

  it.each(['running', 'waiting', 'queued'])('takes one that is %s', async (status) => {
    const runId = await beginRun(test.database, flow);
    await query('update run set status = $2 where id = $1', [runId, status]);
    if (status === 'queued') await query('delete from step_run where run_id = $1', [runId]);
    else await query('update step_run set status = $2 where run_id = $1', [runId, status]);
    await cancel(runId).expect(200);
    expect(await query(`select 1 from step_run where run_id = $1 and status <> 'cancelled'`, [runId])).toEqual([]);
  });

  it('may be repeated, and is refused for a run that has ended otherwise', async () => {
    const runId = await beginRun(test.database, flow);
    await Promise.all([cancel(runId).expect(200), cancel(runId).expect(200)]);
    await cancel(runId).expect(200);
    const ended = await failedRun(test.database, flow);
    const { body } = await cancel(ended).expect(409);
    expect(body).toMatchObject({
      code: 'run_finished',
      status: 409,
      detail: expect.stringContaining('failed') as string,
    });
    expect(await query('select status, open_steps from run where id = $1', [ended])).toEqual([
      { status: 'failed', open_steps: 0 },
    ]);
  });

  it('tells the caller who waits for its answer, unless a reply step had run', async () => {
    const replyTo = replyQueue(randomUUID());
    const caller = await listen(test, replyTo, true);
    const answering = await seedFlow(
      test.database,
      {
        steps: [
          { id: 'step_1', component: 'webhook', operation: 'receive' },
          { id: 'step_2', component: 'webhook', operation: 'reply' },
          { id: 'step_3', component: 'petstore', operation: 'createPet' },
        ],
        edges: [
          { from: 'step_1', to: 'step_2' },
          { from: 'step_1', to: 'step_3' },
        ],
      },
      { workspaceId: user.workspaceId },
    );
    const replied = await beginRun(test.database, answering, { request: { replyTo } });
    const opens = ['step_2', 'step_3'].map((stepId) => ({ stepId, path: '0' }));
    await settle(test.database, answering, { runId: replied, stepId: 'step_1', outputs: [{}], opens });
    await settle(test.database, answering, { runId: replied, stepId: 'step_2', path: '0', outputs: [{ status: 200 }] });
    await cancel(replied).expect(200);
    const waiting = await beginRun(test.database, answering, { request: { replyTo } });
    await cancel(waiting).expect(200);
    // What came back as the queue of a caller may be any name.
    await cancel(await beginRun(test.database, answering, { request: { replyTo: 'triggers' } })).expect(200);
    await eventually(() => expect(caller.got).toHaveLength(1));
    expect(decodeReplyMessage(caller.got[0]!.body)).toEqual({
      ok: true,
      value: { kind: 'ended', runId: waiting, status: 'cancelled' },
    });
    await caller.close();
  });

  it('is refused for runs of another workspace, which stay as they are', async () => {
    const runId = await beginRun(test.database, flow);
    await cancel(runId, await test.signedIn({ role: 'administrator' })).expect(404);
    expect(await query('select status from run where id = $1', [runId])).toEqual([{ status: 'running' }]);
    await cancel(newId<RunId>()).expect(404);
  });
});
