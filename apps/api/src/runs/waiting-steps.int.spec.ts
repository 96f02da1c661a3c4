import { createResumeUrls, newId, type RunId, type StepId } from '@millrace/contracts';
import { deriveResumeUrlKey } from '@millrace/credentials';
import { insertRuns, suspendSteps } from '@millrace/persistence';
import { seedFlow, type SeededFlow } from '@millrace/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { hookUrl, useApi, type TestUser } from '../../test/api.fixture.js';

const test = useApi();
let user: TestUser;
let flow: SeededFlow;
let runId: RunId;

beforeEach(async () => {
  user = await test.signedIn();
  const steps = [
    { id: 'step_1', component: 'webhook', operation: 'receive' },
    { id: 'step_2', component: 'webhook', operation: 'wait' },
  ];
  const edges = [{ from: 'step_1', to: 'step_2' }];
  flow = await seedFlow(test.database, { steps, edges }, { workspaceId: user.workspaceId });
  runId = newId<RunId>();
  await insertRuns(test.database, [
    {
      ...flow,
      id: runId,
      triggerStepId: 'step_1' as StepId,
      receivedAt: Date.now(),
      request: '{}',
      body: Buffer.from('{}'),
      dueInMs: 60_000,
    },
  ]);
});

async function waitAt(path: string): Promise<void> {
  await test.database.dataSource.query(
    `insert into step_run (run_id, step_id, path, workspace_id, flow_id, version_id, status, input, due_at)
     values ($1, 'step_2', $2, $3, $4, $5, 'running', '{}', now())`,
    [runId, path, flow.workspaceId, flow.flowId, flow.versionId],
  );
  const wait = { timeoutMs: 60_000, onTimeout: 'fail', uses: 'once', maxCalls: 1 } as const;
  const step = { runId, stepId: 'step_2' as StepId, path: path as never, attempt: 1 };
  const won = await suspendSteps(test.database, [{ ...step, wait, logs: null, componentVersion: '1.0.0' }]);
  expect(won.size).toBe(1);
}

const get = (path: string) => test.as(user).get(path);
const urlOf = (query = '') => get(`/v1/runs/${runId}/steps/step_2/resume-url${query}`);

describe('a run that waits for a call', () => {
  it('says so, and until when, on its own and in the list', async () => {
    await waitAt('0');
    const step = {
      stepId: 'step_2',
      status: 'waiting',
      attempts: 1,
      nextAttemptAt: null,
      waitingFor: 'resume',
      waitsUntil: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    };
    const { body } = await get(`/v1/runs/${runId}`).expect(200);
    expect(body).toMatchObject({ status: 'waiting', steps: [{ stepId: 'step_1', waitingFor: null }, step] });
    const list = (await get('/v1/runs?status=waiting').expect(200)).body as { items: unknown[] };
    expect(list.items).toMatchObject([{ id: runId, steps: [{}, step] }]);
    expect(JSON.stringify(list)).not.toContain('/resume/');
  });

  it('waits for nothing any more once it is cancelled', async () => {
    await waitAt('0');
    await test.as(user).post(`/v1/runs/${runId}/cancel`).expect(200);
    const { body } = await get(`/v1/runs/${runId}`).expect(200);
    const step = { stepId: 'step_2', status: 'cancelled', waitingFor: null, waitsUntil: null };
    expect(body).toMatchObject({ status: 'cancelled', steps: [{ stepId: 'step_1' }, step] });
  });
});

describe('the resume URL of a step', () => {
  it('is told to whoever may see the run, by the path of the step or of the first that waits', async () => {
    await waitAt('0');
    await waitAt('1');
    const { body } = await urlOf('?path=1').expect(200);
    const { url, path } = body as { url: string; path: string };
    expect(path).toBe('1');
    const urls = createResumeUrls({ baseUrl: hookUrl, keys: [deriveResumeUrlKey(test.masterKey)] });
    const { versionId } = flow;
    expect(urls.read(url.slice(`${hookUrl}/resume/`.length))).toEqual({
      runId,
      versionId,
      stepId: 'step_2',
      path: '1',
    });
    expect((await urlOf().expect(200)).body).toMatchObject({ path: '0' });
    expect(test.logged.join('')).not.toContain(url.slice(-20));
  });

  it('is none where nothing waits', async () => {
    await urlOf().expect(404);
    await waitAt('0');
    await urlOf('?path=1').expect(404);
    await get(`/v1/runs/${runId}/steps/step_1/resume-url`).expect(404);
    await get(`/v1/runs/${runId}/steps/%00/resume-url`).expect(404);
    await urlOf(`?path=${encodeURIComponent("0' or true")}`).expect(400);
  });
});

it('the preview of a mapping shows an example of a resume URL', async () => {
  const { body } = await test
    .as(user)
    .post('/v1/mappings/preview')
    .send({ mapping: { a: '$resumeUrl("step_3")' }, context: {} })
    .expect(200);
  expect(body).toEqual({ value: { a: `${hookUrl}/resume/example` }, errors: [] });
});
