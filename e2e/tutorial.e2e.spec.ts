import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiError } from '@millrace/dev';
import { eventually } from '@millrace/testing';
import { runStack, type RunningStack } from './support/running-stack.js';
import {
  allRuns,
  call,
  petNames,
  startTutorialFlow,
  tutorialDraft,
  type Flow,
  type Page,
  type Run,
} from './support/tutorial.js';

let running: RunningStack;
beforeAll(async () => {
  running = await runStack();
});
afterAll(() => running.stop());

const gromit = { petname: 'Gromit', petstatus: 'Sold' };

async function finished(requestId: string): Promise<Run> {
  return eventually(
    async () => {
      const run = await running.api.get<Run>(`/v1/runs/${requestId}`);
      expect(run.status).toMatch(/succeeded|failed/);
      return run;
    },
    { timeoutMs: 15_000 },
  );
}

async function accepted(answer: Response): Promise<string> {
  expect(answer.status).toBe(200);
  const { requestId, message } = (await answer.json()) as { requestId: string; message: string };
  expect(message).toBe('thank you');
  return requestId;
}

async function problemOf(act: Promise<unknown>): Promise<{ status: number; problem: Record<string, unknown> }> {
  const error = await act.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ApiError)) throw new Error(`expected a refusal, found ${String(error)}`);
  return { status: error.status, problem: error.problem as Record<string, unknown> };
}

describe('the tutorial', () => {
  it('stores a pet for each of three calls and shows three succeeded runs with their steps', async () => {
    const { api, stack } = running;
    const flow = await startTutorialFlow(api);
    expect(flow).toMatchObject({ status: 'running', publishedVersion: 1 });
    const requestIds: string[] = [];
    for (let n = 0; n < 3; n += 1) requestIds.push(await accepted(await call(flow.webhookUrl, gromit)));
    for (const requestId of requestIds) expect(await finished(requestId)).toMatchObject({ status: 'succeeded' });
    const list = await api.get<Page<Run>>(`/v1/runs?flowId=${flow.id}`);
    expect(list.items.map((run) => run.status)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    const run = await finished(requestIds[0] ?? '');
    expect(run.steps).toMatchObject([
      { stepId: 'step_1', status: 'succeeded', output: gromit },
      {
        stepId: 'step_2',
        status: 'succeeded',
        input: { name: 'Gromit', status: 'Sold' },
        output: { name: 'Gromit', status: 'sold' },
      },
    ]);
    expect(run.steps[0]?.input).toBeTruthy();
    expect(await api.get(`/v1/requests/${requestIds[1]}`)).toMatchObject({ status: 'succeeded' });
    const names = await petNames(stack.urls.sandbox, 'sold');
    expect(names.filter((name) => name === 'Gromit')).toHaveLength(3);
  });

  it('secured with Basic Auth answers 401 without the credentials and runs with them', async () => {
    const flow = await startTutorialFlow(running.api, { type: 'basic', username: 'wallace', password: 'chee:se' });
    const pet = { petname: 'Feathers', petstatus: 'available' };
    expect((await call(flow.webhookUrl, pet)).status).toBe(401);
    const authorization = `Basic ${Buffer.from('wallace:chee:se').toString('base64')}`;
    const requestId = await accepted(await call(flow.webhookUrl, pet, { authorization }));
    expect(await finished(requestId)).toMatchObject({ status: 'succeeded' });
    expect(await allRuns(running.api, flow.id)).toHaveLength(1);
  });
});

describe('bad input', () => {
  it('a flow that is stopped answers 404 to the next call', async () => {
    const flow = await startTutorialFlow(running.api);
    await accepted(await call(flow.webhookUrl, gromit));
    await running.api.post(`/v1/flows/${flow.id}/stop`);
    await eventually(async () => expect((await call(flow.webhookUrl, gromit)).status).toBe(404), { timeoutMs: 5_000 });
  });

  it('broken JSON is refused with its line and column', async () => {
    const flow = await startTutorialFlow(running.api);
    const answer = await call(flow.webhookUrl, '{"petname": "Gromit",\n "petstatus" "Sold"}');
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ line: 2, column: 14 });
  });

  it('a wrong API key is refused in the words of the Petstore, and nothing is stored', async () => {
    const before = await running.api.get<Page<unknown>>('/v1/credentials');
    const fields = { apiKey: 'wrong-key-value' };
    const { status, problem } = await problemOf(
      running.api.post('/v1/credentials', { component: 'petstore', name: 'Wrong', fields }),
    );
    expect(status).toBe(422);
    expect(problem).toMatchObject({ detail: expect.stringContaining('Petstore refused the API key') });
    expect(JSON.stringify(problem)).not.toContain('wrong-key-value');
    const after = await running.api.get<Page<unknown>>('/v1/credentials');
    expect(after.items).toHaveLength(before.items.length);
  });

  it('a draft with faults is saved with its problems, and cannot be published', async () => {
    const { api } = running;
    const flow = await api.post<Flow>('/v1/flows', { name: 'Faulty' });
    const draft = tutorialDraft('', '');
    const faulty = { ...draft, edges: [...draft.edges, { from: 'step_2', to: 'step_1' }] };
    const saved = await api.put<{ problems: { pointer: string; code: string }[] }>(
      `/v1/flows/${flow.id}/draft`,
      faulty,
    );
    expect(saved.problems).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ pointer: '/steps/0', code: 'cycle' }),
        expect.objectContaining({ pointer: '/steps/0/credentialId', code: 'credential_missing' }),
      ]),
    );
    expect(await problemOf(api.post(`/v1/flows/${flow.id}/publish`))).toMatchObject({
      status: 422,
      problem: { problems: saved.problems },
    });
    expect(await problemOf(api.post(`/v1/flows/${flow.id}/start`))).toMatchObject({ status: 409 });
  });

  it('a Petstore that is away fails the step with the real cause', async () => {
    const { api, stack } = running;
    const flow = await startTutorialFlow(api);
    await stack.service('sandbox').kill();
    try {
      const run = await finished(await accepted(await call(flow.webhookUrl, gromit)));
      expect(run.status).toBe('failed');
      expect(run.steps[1]).toMatchObject({ stepId: 'step_2', status: 'failed' });
      expect(run.steps[1]?.error?.message).toMatch(/ECONNREFUSED/);
    } finally {
      await stack.service('sandbox').start();
      await stack.service('sandbox').waitHealthy();
    }
  });
});

describe('while Postgres is away', () => {
  it('calls of known flows are accepted, and run as soon as it is back', async () => {
    const { api } = running;
    const flow = await startTutorialFlow(api);
    await finished(await accepted(await call(flow.webhookUrl, gromit)));
    const requestIds: string[] = [];
    await running.withoutPostgres(async () => {
      for (let n = 0; n < 20; n += 1) requestIds.push(await accepted(await call(flow.webhookUrl, gromit)));
    });
    for (const requestId of requestIds) {
      await eventually(
        async () => expect(await api.get<Run>(`/v1/runs/${requestId}`)).toMatchObject({ status: 'succeeded' }),
        { timeoutMs: 30_000, intervalMs: 200 },
      );
    }
    expect(await allRuns(api, flow.id)).toHaveLength(requestIds.length + 1);
  });
});
