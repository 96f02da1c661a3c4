import { newId, requestIdOf, type RunId } from '@millrace/contracts';
import { seedFlow, type SeededFlow } from '@millrace/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { tutorialDraft, useApi, type TestUser } from '../../test/api.fixture.js';
import { beginRun, finishRun } from '../../test/runs.fixture.js';

const test = useApi();
let user: TestUser;
let flow: SeededFlow;

beforeEach(async () => {
  user = await test.signedIn();
  flow = await seedFlow(test.database, tutorialDraft(newId()), { workspaceId: user.workspaceId });
});

interface ListBody {
  items: { id: string }[];
  nextCursor: string | null;
  truncated: boolean;
}

const begin = () => beginRun(test.database, flow);
const finish = (runId: RunId, options: { output?: unknown; failed?: boolean } = {}) =>
  finishRun(test.database, flow, { runId, ...options });
const get = (path: string) => test.as(user).get(path);
const list = async (query: string) => (await get(`/v1/runs?${query}`).expect(200)).body as ListBody;

describe('the search for runs', () => {
  const ids = async (query: string) => (await list(query)).items.map((run) => run.id);

  it('takes several statuses', async () => {
    const running = await begin();
    const succeeded = await begin();
    const failed = await begin();
    await finish(succeeded);
    await finish(failed, { failed: true });
    expect(await ids('status=failed,running')).toEqual([failed, running]);
    expect(await ids('status=succeeded')).toEqual([succeeded]);
  });

  it('finds failures by step, code and words of the message, all of them of one step run', async () => {
    const failed = await begin();
    await finish(failed, { failed: true });
    const succeeded = await begin();
    await finish(succeeded);
    const open = await begin();
    expect(await ids('stepId=step_2')).toEqual([succeeded, failed]);
    expect(await ids('stepId=step_1&status=running')).toEqual([open]);
    expect(await ids('errorCode=unreachable')).toEqual([failed]);
    expect(await ids('errorCode=unreach')).toEqual([]);
    expect(await ids('text=petstore+api+IS')).toEqual([failed]);
    expect(await ids('text=unreachable')).toEqual([]);
    expect(await ids(`stepId=step_2&errorCode=unreachable&text=away&status=failed&flowId=${flow.flowId}`)).toEqual([
      failed,
    ]);
    expect(await ids('stepId=step_1&errorCode=unreachable')).toEqual([]);
    expect(await ids('errorCode=unreachable&status=succeeded')).toEqual([]);
    expect(await ids('errorCode=unreachable&to=2020-01-01')).toEqual([]);
    expect(await list('errorCode=other')).toMatchObject({ items: [], nextCursor: null, truncated: false });
  });

  it.each([
    ['a "quoted" word', 'quoted" w', true],
    ['50 % (half) [of] it.*', '(half) [of] it.*', true],
    ['one\nnumber', 'nnumber', false],
    ['one\nnumber', 'one\nn', true],
    ['a back\\slash', 'back\\s', true],
    ['a\u0000b', 'b', true],
    ['naïve 日本', 'ïve 日', true],
    ['plain', 'p.ain', false],
  ])('in %j for %j finds it: %s', async (message, text, found) => {
    const id = await begin();
    await finish(id, { failed: true });
    await test.database.dataSource.query(`update step_run set error = $2 where run_id = $1 and status = 'failed'`, [
      id,
      JSON.stringify({ code: 'odd', message, detail: { message: 'p.ain nnumber' } }),
    ]);
    expect(await ids(`text=${encodeURIComponent(text)}`)).toEqual(found ? [id] : []);
  });
});

describe('a payload', () => {
  it('of each kind is what the run shows', async () => {
    const id = await begin();
    await finish(id, { failed: true, output: { text: 'a\u0000b' } });
    const { body } = await get(`/v1/runs/${id}`).expect(200);
    const [first, second] = (body as { steps: Record<string, unknown>[] }).steps;
    const payload = async (step: string, query: string) =>
      (await get(`/v1/runs/${requestIdOf(id)}/steps/${step}/payload?${query}`).expect(200)).body as unknown;
    expect(await payload('step_1', 'part=input')).toEqual(first?.['input']);
    expect(await payload('step_1', 'part=output')).toEqual(first?.['output']);
    for (const part of ['input', 'output', 'logs', 'error', 'attemptErrors']) {
      expect(await payload('step_2', `path=0&part=${part}`)).toEqual(second?.[part]);
    }
  });

  it('of a step run that is not there is answered 404, and an odd question 400', async () => {
    const id = await begin();
    await get(`/v1/runs/${id}/steps/step_1/payload?path=0`).expect(404);
    await get(`/v1/runs/${id}/steps/step_9/payload`).expect(404);
    await get(`/v1/runs/${newId()}/steps/step_1/payload`).expect(404);
    await get(`/v1/runs/${id}/steps/step_1/payload?part=body`).expect(400);
    await get(`/v1/runs/${id}/steps/step_1/payload?path=x`).expect(400);
  });
});
