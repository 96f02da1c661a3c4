import { createResumeUrls, newId, type RunId } from '@millrace/contracts';
import { deriveResumeUrlKey } from '@millrace/credentials';
import type { FlowDraft } from '@millrace/flow-model';
import { seedFlow, type SeededFlow } from '@millrace/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { hookUrl, tutorialDraft, useApi, type TestUser } from '../../test/api.fixture.js';
import { beginRun, failedRun, publishVersion, settle } from '../../test/runs.fixture.js';

const test = useApi({ MAPPING_TIME_LIMIT_MS: '300' });
let user: TestUser;
let flow: SeededFlow;

beforeEach(async () => {
  user = await test.signedIn();
  flow = await seedFlow(test.database, tutorialDraft(newId()), { workspaceId: user.workspaceId });
});

const retry = (id: RunId, body?: object, by = user) => test.as(by).post(`/v1/runs/${id}/retry`).send(body);
const query = <Row>(text: string, values: unknown[]) => test.database.dataSource.query<Row[]>(text, values);
const rowsOf = (runId: RunId) =>
  query<Record<string, unknown>>(
    `select step_id, path, status, attempt, retried_after, version_id, input, error, attempts, overdue_after_ms,
            due_at <= now() as due
     from step_run where run_id = $1 order by step_id, path`,
    [runId],
  );
const runOf = async (runId: RunId) =>
  (await query('select status, open_steps, failed_steps, finished_at from run where id = $1', [runId]))[0];

const away = { code: 'away', message: 'away', detail: null };
const notMapped = { code: 'mapping_failed', message: 'no' };

/** A tree with a mapping of the whole language and a condition. */
const draft = (name: string, condition: string | null = null): FlowDraft => ({
  steps: [
    { id: 'step_1', component: 'webhook', operation: 'receive' },
    { id: 'step_2', component: 'petstore', operation: 'createPet' },
    { id: 'step_3', component: 'petstore', operation: 'createPet', mapping: { name, tag: '$steps.step_1.petname' } },
  ],
  edges: [
    { from: 'step_1', to: 'step_2' },
    { from: 'step_2', to: 'step_3', condition },
  ],
});

/** A run whose second step gave several outputs, each followed by a third step that had no input, for this reason. */
async function unmappedRun(of: SeededFlow, error = notMapped): Promise<RunId> {
  const runId = await beginRun(test.database, of, { request: { query: { page: '2' } } });
  const first = [{ stepId: 'step_2', path: '0', input: {} }];
  await settle(test.database, of, { runId, stepId: 'step_1', outputs: [{ petname: 'Gromit' }], opens: first });
  const opens = ['0.0', '0.1'].map((path) => ({ stepId: 'step_3', path, error }));
  await settle(test.database, of, { runId, stepId: 'step_2', path: '0', outputs: [{ id: 1 }, { id: 'x' }], opens });
  for (const { stepId, path } of opens) await settle(test.database, of, { runId, stepId, path, error });
  return runId;
}

const seeded = (definition: FlowDraft) => seedFlow(test.database, definition, { workspaceId: user.workspaceId });

describe('retrying a failed run', () => {
  it('gives what failed its next attempt, which is due at once, and lists show the one before', async () => {
    const runId = await failedRun(test.database, flow);
    const { body } = await retry(runId).expect(200);
    expect(body).toMatchObject({ id: runId, status: 'running', finishedAt: null, stepsRetried: 1, stepsLeft: 0 });
    expect(await runOf(runId)).toEqual({ status: 'running', open_steps: 1, failed_steps: 0, finished_at: null });
    const [first, second] = await rowsOf(runId);
    expect(first).toMatchObject({ status: 'succeeded', attempt: 1, retried_after: null });
    expect(second).toMatchObject({
      status: 'waiting',
      attempt: 2,
      retried_after: 1,
      version_id: flow.versionId,
      input: { name: 'Gromit' },
      error: null,
      overdue_after_ms: 120_000,
      due: true,
    });
    const run = await test.as(user).get(`/v1/runs/${runId}`).expect(200);
    expect((run.body as { steps: unknown[] }).steps[1]).toMatchObject({
      status: 'waiting',
      attempts: 1,
      attemptErrors: [{ attempt: 1, error: { code: 'away', message: 'The Petstore API is away', detail: null } }],
      error: null,
    });
  });

  it('once more keeps what was before, characters included that Postgres cannot unescape', async () => {
    const runId = await failedRun(test.database, flow, { code: 'a\u0000', message: '\ud800' });
    await retry(runId).expect(200);
    await query(`update step_run set status = 'running' where run_id = $1 and step_id = 'step_2'`, [runId]);
    await settle(test.database, flow, { runId, stepId: 'step_2', path: '0', attempt: 2, error: away });
    await retry(runId).expect(200);
    const [, step] = await rowsOf(runId);
    expect(step).toMatchObject({ attempt: 3, retried_after: 2 });
    expect(step?.['attempts']).toMatchObject([
      { attempt: 1, error: { code: 'a\u0000', message: '\ud800' } },
      { attempt: 2, error: away },
    ]);
  });

  it('by two at once is done once, and the other is told what became of it', async () => {
    const runId = await failedRun(test.database, flow);
    const answers = await Promise.all([retry(runId), retry(runId)]);
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 409]);
    expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({ code: 'run_not_failed', status: 409 });
    expect(await runOf(runId)).toMatchObject({ open_steps: 1, failed_steps: 0 });
  });

  it('is refused for one that has not failed', async () => {
    const runId = await beginRun(test.database, flow);
    const { body } = await retry(runId).expect(409);
    expect(body).toMatchObject({ code: 'run_not_failed', detail: expect.stringContaining('running') as string });
  });

  it('is refused to another workspace', async () => {
    const runId = await failedRun(test.database, flow);
    await retry(runId, {}, await test.signedIn({ role: 'administrator' })).expect(404);
    expect(await runOf(runId)).toMatchObject({ status: 'failed' });
  });

  it.each([
    [{ fromStep: 'step_1' }, 409, 'step_not_failed'],
    [{ fromStep: 'nowhere' }, 409, 'step_not_failed'],
    [{ fromStep: 'step_2', path: '7' }, 409, 'step_not_failed'],
    [{ path: '0' }, 422, 'validation_failed'],
    [{ version: 'next' }, 422, 'validation_failed'],
    [{ from: 'step_2' }, 422, 'validation_failed'],
  ])('with %j is refused', async (body, status, code) => {
    const runId = await failedRun(test.database, flow);
    expect((await retry(runId, body).expect(status)).body).toMatchObject({ code });
    expect(await runOf(runId)).toMatchObject({ status: 'failed', failed_steps: 1 });
  });

  it('from one place leaves the others failed', async () => {
    const runId = await unmappedRun(await seeded(draft('"a"')));
    const { body } = await retry(runId, { fromStep: 'step_3', path: '0.1' }).expect(200);
    expect(body).toMatchObject({ stepsRetried: 1, stepsLeft: 1 });
    expect(await runOf(runId)).toMatchObject({ status: 'running', open_steps: 1, failed_steps: 1 });
    expect((await rowsOf(runId)).slice(2)).toMatchObject([
      { path: '0.0', status: 'failed' },
      { path: '0.1', status: 'waiting' },
    ]);
  });
});

describe('retrying a step that never got an input', () => {
  it('maps it anew on the outputs of its branch and the request', async () => {
    const of = await seeded(draft('$string(id) & "/" & $request.query.page & "/" & $steps.step_1.petname'));
    const runId = await unmappedRun(of);
    await retry(runId).expect(200);
    expect((await rowsOf(runId)).slice(2)).toMatchObject([
      { path: '0.0', status: 'waiting', error: null, input: { name: '1/2/Gromit', tag: 'Gromit' } },
      { path: '0.1', status: 'waiting', error: null, input: { name: 'x/2/Gromit', tag: 'Gromit' } },
    ]);
  });

  it('whose mapping fails again is refused with the errors by pointer, and changes nothing', async () => {
    const runId = await unmappedRun(await seeded(draft('$number(id)')));
    const before = [await runOf(runId), await rowsOf(runId)];
    const { body } = await retry(runId).expect(422);
    expect(body).toMatchObject({
      code: 'mapping_failed',
      problems: [
        { pointer: '/steps/2/mapping/name', stepId: 'step_3', path: '0.1', code: 'D3030', expression: '$number(id)' },
      ],
    });
    expect([await runOf(runId), await rowsOf(runId)]).toEqual(before);
  });

  it('with the current version takes the corrected mapping, and goes on with it', async () => {
    const of = await seeded(draft('$number(id)'));
    const runId = await unmappedRun(of);
    const versionId = await publishVersion(test.database, of, draft('$string(id)'));
    await retry(runId).expect(422);
    await retry(runId, { version: 'current' }).expect(200);
    const rows = await rowsOf(runId);
    expect(rows.map((row) => row['version_id'])).toEqual([of.versionId, of.versionId, versionId, versionId]);
    expect(rows.slice(2)).toMatchObject([{ input: { name: '1' } }, { input: { name: 'x' } }]);
  });

  it('whose condition failed is asked for the condition first', async () => {
    const failed = { code: 'condition_failed', message: 'no' };
    const of = await seeded(draft('"a"', '$number(id) = 1'));
    const runId = await unmappedRun(of, failed);
    expect((await retry(runId).expect(422)).body).toMatchObject({
      problems: [{ pointer: '/edges/1/condition', path: '0.1', code: 'D3030' }],
    });
    await publishVersion(test.database, of, draft('"a"', 'id = 1'));
    const refused = await retry(runId, { version: 'current' }).expect(409);
    expect(refused.body).toMatchObject({ code: 'condition_not_true', stepId: 'step_3', path: '0.1' });
    await publishVersion(test.database, of, draft('"a"', 'id'));
    expect((await retry(runId, { version: 'current' }).expect(422)).body).toMatchObject({
      problems: [{ code: 'not_boolean' }, { code: 'not_boolean' }],
    });
    await publishVersion(test.database, of, draft('"a"', '$exists(id)'));
    await retry(runId, { version: 'current' }).expect(200);
    expect((await rowsOf(runId)).slice(2)).toMatchObject([{ input: { name: 'a' } }, { input: { name: 'a' } }]);
  });
});

describe('retrying a step that gives a resume URL away', () => {
  const waits = (tag: string): FlowDraft => ({
    steps: [
      { id: 'step_1', component: 'webhook', operation: 'receive' },
      { id: 'step_2', component: 'petstore', operation: 'createPet', mapping: { name: '$resumeUrl("step_3")', tag } },
      { id: 'step_3', component: 'webhook', operation: 'wait' },
    ],
    edges: [
      { from: 'step_1', to: 'step_2', condition: '$contains($resumeUrl("step_3"), "/resume/")' },
      { from: 'step_2', to: 'step_3' },
    ],
  });

  async function undecidedRun(of: SeededFlow): Promise<RunId> {
    const runId = await beginRun(test.database, of);
    const error = { code: 'condition_failed', message: 'no' };
    const opens = [{ stepId: 'step_2', path: '0', error }];
    await settle(test.database, of, { runId, stepId: 'step_1', outputs: [{ petname: 'Gromit' }], opens });
    await settle(test.database, of, { runId, stepId: 'step_2', path: '0', error });
    return runId;
  }

  /** What the URL that the step got resumes. */
  async function resumed(runId: RunId): Promise<unknown> {
    const [row] = await query<{ url: string }>(
      `select input ->> 'name' as url from step_run where run_id = $1 and step_id = 'step_2'`,
      [runId],
    );
    expect(row?.url).toContain(`${hookUrl}/resume/`);
    const { read } = createResumeUrls({ baseUrl: hookUrl, keys: [deriveResumeUrlKey(test.masterKey)] });
    return read(row!.url.slice(`${hookUrl}/resume/`.length));
  }

  it('signs it for the branch of the step, in condition and mapping', async () => {
    const of = await seeded(waits('"a"'));
    const runId = await undecidedRun(of);
    await retry(runId).expect(200);
    expect(await resumed(runId)).toEqual({ runId, versionId: of.versionId, stepId: 'step_3', path: '0' });
  });

  it('signs it for the version that it goes on with', async () => {
    const of = await seeded(waits('"a"'));
    const runId = await undecidedRun(of);
    const versionId = await publishVersion(test.database, of, waits('"b"'));
    await retry(runId, { version: 'current' }).expect(200);
    expect(await resumed(runId)).toEqual({ runId, versionId, stepId: 'step_3', path: '0' });
  });
});

describe('retrying with the current version', () => {
  it('maps anew what had an input, too, and leaves an input alone when the version is the same', async () => {
    const runId = await failedRun(test.database, flow);
    await retry(runId, { version: 'current' }).expect(200);
    expect((await rowsOf(runId))[1]).toMatchObject({ input: { name: 'Gromit' }, version_id: flow.versionId });
    const other = await failedRun(test.database, flow);
    const [receive, create] = tutorialDraft(newId()).steps;
    const versionId = await publishVersion(test.database, flow, {
      ...tutorialDraft(newId()),
      steps: [receive!, { ...create!, mapping: { name: '$uppercase(petname)' }, timeoutMs: 5_000 }],
    });
    await retry(other, { version: 'current' }).expect(200);
    expect((await rowsOf(other))[1]).toMatchObject({
      input: { name: 'GROMIT' },
      version_id: versionId,
      overdue_after_ms: 65_000,
    });
  });

  it('is refused when that has no such step, or other steps before it', async () => {
    const runId = await failedRun(test.database, flow);
    const { steps, edges } = tutorialDraft(newId());
    await publishVersion(test.database, flow, {
      steps: [steps[0]!, { ...steps[1]!, id: 'step_9' }],
      edges: [{ from: 'step_1', to: 'step_9' }],
    });
    expect((await retry(runId, { version: 'current' }).expect(409)).body).toMatchObject({
      code: 'flow_changed',
      stepId: 'step_2',
    });
    await publishVersion(test.database, flow, {
      steps: [steps[0]!, { ...steps[1]!, id: 'step_3' }, steps[1]!],
      edges: [
        { from: 'step_1', to: 'step_3' },
        { ...edges[0]!, from: 'step_3' },
      ],
    });
    expect((await retry(runId, { version: 'current' }).expect(409)).body).toMatchObject({ code: 'flow_changed' });
    await retry(runId).expect(200);
  });

  it('is refused when the flow was deleted; with its own version the run goes on', async () => {
    const runId = await failedRun(test.database, flow);
    await query('update flow set deleted_at = now() where id = $1', [flow.flowId]);
    expect((await retry(runId, { version: 'current' }).expect(409)).body).toMatchObject({ code: 'flow_deleted' });
    await retry(runId).expect(200);
  });
});
