import { decodeTriggerMessage, newId, queues, requestIdOf, type RunId } from '@millrace/contracts';
import { insertRuns } from '@millrace/persistence';
import { eventually, seedFlow, type SeededFlow } from '@millrace/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tutorialDraft, useApi, type TestUser } from '../../test/api.fixture.js';
import { beginRun, failedRun, listen, publishVersion } from '../../test/runs.fixture.js';

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

const replay = (id: RunId, body?: object, by = user) => test.as(by).post(`/v1/runs/${id}/replay`).send(body);
const query = (text: string, values: unknown[]) => test.database.dataSource.query<unknown[]>(text, values);

async function sent() {
  const delivery = await eventually(() => {
    expect(triggers.got).toHaveLength(1);
    return triggers.got[0]!;
  });
  const decoded = decodeTriggerMessage(delivery);
  if (!decoded.ok) throw new Error(decoded.reason);
  return decoded.value;
}

describe('replaying a run', () => {
  it('sends its request as it was stored, with a new id, on the published version, and nobody waits for it', async () => {
    const body = '{"petname":"Gromit"}raw=bytes';
    const request = { query: { page: '2' }, headers: { 'x-a': 'b' }, rawBodyBytes: 9, replyTo: 'replies.x' };
    const runId = await failedRun(test.database, flow, undefined, { body, request });
    const versionId = await publishVersion(test.database, flow, tutorialDraft(newId()));
    const answer = (await replay(runId).expect(202)).body as { runId: RunId; requestId: string };
    expect(answer.requestId).toBe(requestIdOf(answer.runId));
    const message = await sent();
    const { replyTo: _, ...kept } = request;
    expect(message).toMatchObject({
      runId: answer.runId,
      workspaceId: user.workspaceId,
      flowId: flow.flowId,
      versionId,
      replayOf: runId,
      body: Buffer.from(body),
    });
    expect(message.request).toEqual({ method: 'POST', path: '', contentType: 'application/json', ...kept });
    expect(Math.abs(message.receivedAt - Date.now())).toBeLessThan(60_000);
    expect(answer.runId).not.toBe(runId);
  });

  it('works on its own version where that is wanted, also of a run that still runs or is a duplicate', async () => {
    const runId = await beginRun(test.database, flow);
    await query(`update run set status = 'duplicate', finished_at = now() where id = $1`, [runId]);
    await publishVersion(test.database, flow, tutorialDraft(newId()));
    await replay(runId, { version: 'same' }).expect(202);
    expect(await sent()).toMatchObject({ versionId: flow.versionId, replayOf: runId });
  });

  it('shows in the new run which one it is of', async () => {
    const runId = await beginRun(test.database, flow);
    const { body } = await replay(runId).expect(202);
    const { runId: id, request, body: bytes, receivedAt, replayOf } = await sent();
    const kept = { request: JSON.stringify(request), body: bytes, receivedAt, replayOf };
    await insertRuns(test.database, [{ id, ...flow, ...kept, triggerStepId: 'step_1' as never, dueInMs: 60_000 }]);
    const shown = { id: (body as { runId: string }).runId, replayOf: runId, status: 'running' };
    expect((await test.as(user).get(`/v1/runs/${id}`).expect(200)).body).toMatchObject(shown);
    expect((await test.as(user).get('/v1/runs').expect(200)).body).toMatchObject({
      items: [shown, { replayOf: null }],
    });
    expect((await test.as(user).get(`/v1/requests/${id}`).expect(200)).body).toMatchObject(shown);
  });

  it('is refused without a published version, for a deleted flow, and to another workspace', async () => {
    const runId = await beginRun(test.database, flow);
    await replay(runId, {}, await test.signedIn({ role: 'administrator' })).expect(404);
    await replay(runId, { version: 'old' }).expect(422);
    await query('update flow set published_version_id = null where id = $1', [flow.flowId]);
    expect((await replay(runId).expect(409)).body).toMatchObject({ code: 'flow_not_published' });
    await query('update flow set deleted_at = now() where id = $1', [flow.flowId]);
    expect((await replay(runId, { version: 'same' }).expect(409)).body).toMatchObject({ code: 'flow_deleted' });
    expect(triggers.got).toEqual([]);
  });
});
