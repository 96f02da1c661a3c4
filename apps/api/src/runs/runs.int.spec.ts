import { newId, requestIdOf, type FlowId, type RunId, type StepId, type WorkspaceId } from '@millrace/contracts';
import { postponeSteps } from '@millrace/persistence';
import { seedFlow, type SeededFlow } from '@millrace/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { tutorialDraft, useApi, type TestUser } from '../../test/api.fixture.js';
import { beginRun, finishRun, headers, idAt, type BegunRun as RunOptions } from '../../test/runs.fixture.js';

const test = useApi();
let user: TestUser;
let flow: SeededFlow;

const minuteMs = 60_000;

beforeEach(async () => {
  user = await test.signedIn();
  flow = await seedFlow(test.database, tutorialDraft(newId()), { workspaceId: user.workspaceId });
});

interface RunChange extends RunOptions {
  of?: SeededFlow;
}

const begin = ({ of = flow, ...options }: RunChange = {}) => beginRun(test.database, of, options);
const finish = (runId: RunId, options: { output?: unknown; failed?: boolean } = {}) =>
  finishRun(test.database, flow, { runId, ...options });

/** Opens as many steps below the trigger, as one with that many outputs does. */
async function fanOut(runId: RunId, count: number, inputBytes: number): Promise<void> {
  await test.database.dataSource.query(
    `insert into step_run (run_id, step_id, path, workspace_id, flow_id, version_id, status, input, started_at)
     select $1, 'step_2', n::text, $2, $3, $4, 'running', json_build_object('text', repeat(md5(n::text), $6 / 32 + 1)),
            now() + n * interval '1 ms'
     from generate_series(0, $5 - 1) n`,
    [runId, flow.workspaceId, flow.flowId, flow.versionId, count, inputBytes],
  );
}

interface RunBody {
  id: string;
  stepsLeftOut: number;
  steps: {
    stepId: string;
    input: unknown;
    output: unknown;
    elided: { part: string; sizeBytes: number; url: string }[];
  }[];
}
interface ListBody {
  items: RunBody[];
  nextCursor: string | null;
  truncated: boolean;
}

const get = (path: string) => test.as(user).get(path);
const list = async (query: string) => (await get(`/v1/runs?${query}`).expect(200)).body as ListBody;

describe('a run', () => {
  it('shows each step with input and output, the first with the request', async () => {
    const id = await begin();
    await finish(id);
    const { body } = await get(`/v1/runs/${id}`).expect(200);
    const time = expect.stringMatching(/^\d{4}-.*Z$/) as string;
    const step = {
      status: 'succeeded',
      attempts: 1,
      attemptErrors: [],
      nextAttemptAt: null,
      waitingFor: null,
      waitsUntil: null,
      flowVersion: 1,
      outputCount: 1,
      error: null,
      elided: [],
      componentVersion: '1.0.0',
    };
    expect(body).toEqual({
      id,
      requestId: requestIdOf(id),
      flowId: flow.flowId,
      flowVersion: 1,
      status: 'succeeded',
      duplicateOf: null,
      replayOf: null,
      startedAt: time,
      finishedAt: time,
      stepsLeftOut: 0,
      steps: [
        {
          ...step,
          stepId: 'step_1',
          path: '',
          input: {
            method: 'POST',
            path: '',
            query: {},
            headers,
            contentType: 'application/json',
            body: '{"petname":"Gromit"}',
            bodyEncoding: 'utf8',
          },
          output: { petname: 'Gromit', petstatus: 'Sold' },
          logs: [],
          startedAt: time,
          finishedAt: time,
        },
        {
          ...step,
          stepId: 'step_2',
          path: '0',
          input: { name: 'Gromit', status: 'Sold' },
          output: { id: 1, name: 'Gromit' },
          logs: [{ time: '2023-11-14T22:13:20.000Z', level: 'info', message: 'created' }],
          startedAt: time,
          finishedAt: time,
        },
      ],
    });
  });

  it('shows the cause of a failure', async () => {
    const id = await begin();
    await finish(id, { failed: true });
    const { body } = await get(`/v1/runs/${requestIdOf(id)}`).expect(200);
    expect(body).toMatchObject({
      status: 'failed',
      steps: [
        {},
        { status: 'failed', output: null, error: { code: 'unreachable', message: 'The Petstore API is away' } },
      ],
    });
  });

  it('shows a step that waits for its next attempt, with the errors of those before', async () => {
    const id = await begin();
    const failure = { attempt: 1, startedAt: 0, finishedAt: 1_000 };
    const error = { code: 'away', message: 'The Petstore API is away', detail: { status: 503 } };
    await postponeSteps(test.database, [
      {
        runId: id,
        stepId: 'step_1' as StepId,
        path: '' as never,
        attempt: 1,
        failure: JSON.stringify({ ...failure, error }),
        logs: null,
        componentVersion: '1.0.0',
        inMs: minuteMs,
        overdueAfterMs: minuteMs,
      },
    ]);
    const { body } = await get(`/v1/runs/${id}`).expect(200);
    const [step] = (body as { steps: { nextAttemptAt: string }[] }).steps;
    expect(step).toMatchObject({
      status: 'waiting',
      attempts: 1,
      error: null,
      attemptErrors: [
        { attempt: 1, error, startedAt: '1970-01-01T00:00:00.000Z', finishedAt: '1970-01-01T00:00:01.000Z' },
      ],
      finishedAt: null,
    });
    expect(Date.parse(step!.nextAttemptAt) - Date.now()).toBeGreaterThan(minuteMs / 2);
    const page = await list(`flowId=${flow.flowId}`);
    expect(page.items[0]?.steps[0]).toEqual(step);
  });

  it('shows a body that is not text as base64', async () => {
    const id = await begin({ body: Buffer.from([0xff, 0x00, 0x01]) });
    const { body } = await get(`/v1/runs/${id}`).expect(200);
    expect((body as RunBody).steps[0]?.input).toMatchObject({ body: '/wAB', bodyEncoding: 'base64' });
  });

  it('shows characters that Postgres cannot unescape', async () => {
    const id = await begin();
    await finish(id, { output: { text: 'a\u0000b\ud800' } });
    const { body } = await get(`/v1/runs/${id}`).expect(200);
    expect((body as RunBody).steps[0]?.output).toEqual({ text: 'a\u0000b\ud800' });
    expect((await list('')).items[0]?.steps[0]?.output).toEqual({ text: 'a\u0000b\ud800' });
  });
});

describe('the list of runs', () => {
  it('has the newest first with their steps, page by page', async () => {
    const ids = [await begin(), await begin(), await begin()];
    for (const id of ids) await finish(id);
    const first = await list('limit=2');
    expect(first.items.map((run) => run.id)).toEqual([ids[2], ids[1]]);
    expect(first.items[0]?.steps).toMatchObject([
      { stepId: 'step_1', output: { petname: 'Gromit' } },
      { stepId: 'step_2', input: { name: 'Gromit' }, output: { id: 1 } },
    ]);
    const second = await list(`limit=2&cursor=${first.nextCursor}`);
    expect(second).toMatchObject({ items: [{ id: ids[0] }], nextCursor: null });
  });

  it('leaves large payloads out and says so', async () => {
    const id = await begin({ body: Buffer.alloc(100_000, 'a') });
    await finish(id, { output: { text: 'x'.repeat(200_000) } });
    const step = (await list('')).items[0]?.steps[0];
    const payload = `/v1/runs/${id}/steps/step_1/payload`;
    expect(step).toMatchObject({ input: { method: 'POST' }, output: null });
    expect(step?.elided).toEqual([
      { part: 'input', sizeBytes: 100_000, url: `${payload}?part=input` },
      { part: 'output', sizeBytes: 200_011, url: `${payload}?part=output` },
    ]);
    const { body } = await get(`/v1/runs/${id}`).expect(200);
    expect((body as RunBody).steps[0]).toMatchObject({ elided: [], output: { text: 'x'.repeat(200_000) } });
    const [input, output] = await Promise.all((step?.elided ?? []).map(({ url }) => get(url).expect(200)));
    expect(input?.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(input?.body).toMatchObject({ method: 'POST', body: 'a'.repeat(100_000), bodyEncoding: 'utf8' });
    expect(output?.body).toEqual({ text: 'x'.repeat(200_000) });
  });

  it('leaves all payloads out where only what became of the runs is asked for', async () => {
    const id = await begin();
    await finish(id, { failed: true });
    const [run] = (await list('payloads=none')).items;
    const payload = (stepId: string) => `/v1/runs/${id}/steps/${stepId}/payload`;
    const sizeBytes = expect.any(Number) as number;
    expect(run).toMatchObject({ id, status: 'failed', stepsLeftOut: 0 });
    expect(run?.steps).toMatchObject([
      {
        stepId: 'step_1',
        input: null,
        output: null,
        elided: [
          { part: 'input', sizeBytes, url: `${payload('step_1')}?part=input` },
          { part: 'output', sizeBytes, url: `${payload('step_1')}?part=output` },
        ],
      },
      { stepId: 'step_2', status: 'failed', input: null, error: { message: expect.any(String) as string } },
    ]);
    await get('/v1/runs?payloads=all').expect(400);
  });

  it('shows the first steps of a run with many, and how many there are more', async () => {
    const id = await begin();
    await fanOut(id, 10_000, 10);
    const [run] = (await list('')).items;
    expect(run?.steps).toHaveLength(50);
    expect(run?.stepsLeftOut).toBe(9_951);
    expect(run?.steps.slice(0, 2)).toMatchObject([{ stepId: 'step_1' }, { stepId: 'step_2', path: '0' }]);
    const { body } = await get(`/v1/runs/${id}`).expect(200);
    expect((body as RunBody).steps).toHaveLength(10_001);
    expect(body).toMatchObject({ stepsLeftOut: 0 });
  });

  it('is a few megabytes at most, and the newest runs keep their payloads', async () => {
    for (let n = 0; n < 6; n += 1) await fanOut(await begin(), 60, 15_000);
    const { text } = await get('/v1/runs').expect(200);
    expect(text.length).toBeLessThan(3 * 1024 * 1024);
    const { items } = JSON.parse(text) as ListBody;
    expect(items).toHaveLength(6);
    expect(items[0]?.steps[1]).toMatchObject({ elided: [], input: { text: expect.any(String) as string } });
    expect(items[5]?.steps[1]).toMatchObject({
      elided: [{ part: 'input', url: `/v1/runs/${items[5]?.id}/steps/step_2/payload?path=0&part=input` }],
      input: null,
      path: '0',
    });
  });

  it('is filtered by flow, status and time', async () => {
    const other = await seedFlow(test.database, tutorialDraft(newId()), { workspaceId: user.workspaceId });
    const at = (time: string) => idAt(Date.parse(time));
    const old = await begin({ id: at('2026-01-01T10:00:00Z') });
    const middle = await begin({ id: at('2026-01-01T11:00:00Z') });
    const recent = await begin({ of: other });
    await finish(middle);
    const ids = async (query: string) => (await list(query)).items.map((run) => run.id);
    expect(await ids('')).toEqual([recent, middle, old]);
    expect(await ids(`flowId=${flow.flowId.replaceAll('-', '')}`)).toEqual([middle, old]);
    expect(await ids('status=succeeded')).toEqual([middle]);
    expect(await ids('from=2026-01-01T11:00:00Z')).toEqual([recent, middle]);
    expect(await ids('to=2026-01-01T11:00:00Z')).toEqual([old]);
    expect(await ids('from=2026-01-01T10:30:00%2B00:00&to=2026-01-02')).toEqual([middle]);
    expect(await ids(`flowId=${flow.flowId}&status=running&from=1066-10-14&to=2999-12-31&limit=5`)).toEqual([old]);
  });

  it.each([
    'status=done',
    'status=failed,',
    'text=',
    'errorCode=',
    'flowId=x',
    'from=yesterday',
    'to=2026-13-01',
    'cursor=abc',
    'limit=-1',
  ])('is refused with 400 for ?%s', async (query) => {
    const { body } = await get(`/v1/runs?${query}`).expect(400);
    expect(body).toMatchObject({ code: 'invalid_request' });
  });
});

describe('the fate of a request', () => {
  it('is the status of its run, by either form of the id', async () => {
    const id = await begin();
    const running = { id, requestId: requestIdOf(id), status: 'running', flowId: flow.flowId, finishedAt: null };
    for (const form of [id, requestIdOf(id)]) {
      const { body } = await get(`/v1/requests/${form}`).expect(200);
      expect(body).toMatchObject(running);
    }
    await finish(id);
    await get(`/v1/requests/${id}`).expect(({ body }) => expect(body).toMatchObject({ status: 'succeeded' }));
  });

  it('is that of a duplicate, with the run that came first, and lists show it alike', async () => {
    const original = await begin();
    const id = await begin();
    await test.database.dataSource.query(
      `update run set status = 'duplicate', duplicate_of = $2, open_steps = 0, finished_at = now() where id = $1`,
      [id, original],
    );
    const duplicate = { id, status: 'duplicate', duplicateOf: original };
    await get(`/v1/requests/${id}`).expect(({ body }) => expect(body).toMatchObject({ ...duplicate, reason: null }));
    await get(`/v1/runs/${id}`).expect(({ body }) => expect(body).toMatchObject(duplicate));
    expect((await list('status=duplicate')).items).toMatchObject([duplicate]);
    expect((await list('status=running')).items).toMatchObject([{ id: original, duplicateOf: null }]);
  });

  it('is unknown for a request that nobody made', async () => {
    await get(`/v1/requests/${newId()}`).expect(404);
    await get('/v1/requests/nonsense').expect(404);
  });
});

describe('runs of another workspace', () => {
  it('are neither listed nor found', async () => {
    const theirs = await seedFlow(test.database, tutorialDraft(newId()), { workspaceId: newId<WorkspaceId>() });
    const id = await begin({ of: theirs });
    expect((await list('')).items).toEqual([]);
    expect((await list(`flowId=${theirs.flowId}`)).items).toEqual([]);
    expect((await list(`cursor=${newId<FlowId>()}`)).items).toEqual([]);
    await get(`/v1/runs/${id}`).expect(404);
    await get(`/v1/requests/${id}`).expect(404);
  });
});
