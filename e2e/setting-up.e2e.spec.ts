import { eventually } from '@millrace/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runStack, type RunningStack } from './support/running-stack.js';
import { call, petNames, startTutorialFlow, tutorialDraft, type Flow, type Run } from './support/tutorial.js';

let running: RunningStack;
beforeAll(async () => {
  running = await runStack();
});
afterAll(() => running.stop());

interface Sample {
  source: string;
  output: { id: number; name: string; status: string };
}

async function unpublishedFlow(): Promise<{
  flow: Flow;
  credentialId: string;
  retrieve(how?: object): Promise<Sample>;
}> {
  const { api } = running;
  const credential = (component: string, fields: object) =>
    api.post<{ id: string }>('/v1/credentials', { component, name: component, fields });
  const webhook = await credential('webhook', { type: 'none' });
  const { id: credentialId } = await credential('petstore', { apiKey: 'secret' });
  const flow = await api.post<Flow>('/v1/flows', { name: 'Set up', draft: tutorialDraft(webhook.id, credentialId) });
  const samples = `/v1/flows/${flow.id}/steps`;
  await api.post(`${samples}/step_1/sample`, {
    mode: 'manual',
    format: 'json',
    text: '{"petname": "Gromit", "petstatus": "Sold"}',
  });
  const retrieve = (how = {}) => api.post<Sample>(`${samples}/step_2/sample`, { mode: 'retrieve', ...how });
  return { flow, credentialId, retrieve };
}

it('a step is set up with values that the Petstore offers and a sample that is retrieved, creating a pet only when told to', async () => {
  const { api, stack } = running;
  const { credentialId, retrieve } = await unpublishedFlow();
  const options = await api.post('/v1/components/petstore/operations/createPet/options', {
    list: 'statuses',
    credentialId,
    search: 'sol',
  });
  expect(options).toEqual({ items: [{ value: 'sold', label: 'Sold' }], nextCursor: null });
  // The mapped sample of the webhook step tells what the answer would be.
  expect(await retrieve()).toMatchObject({ source: 'retrieved', output: { name: 'Gromit', status: 'sold' } });
  expect(await petNames(stack.urls.sandbox, 'sold')).toEqual([]);
  const { output } = await retrieve({ run: true });
  expect(await petNames(stack.urls.sandbox, 'sold')).toEqual(['Gromit']);
  expect(await retrieve()).toMatchObject({ output });
});

it('a component that is away is shown as such, and a run waits for it and succeeds', async () => {
  const { api, stack } = running;
  const statusOf = async () => (await api.get<{ status: string }>('/v1/components/petstore')).status;
  const flow = await startTutorialFlow(api);
  await eventually(async () => expect(await statusOf()).toBe('available'));
  await stack.service('component-petstore').kill();
  const began = Date.now();
  await eventually(async () => expect(await statusOf()).toBe('away'));
  expect(Date.now() - began).toBeLessThan(5_000);
  const answer = await call(flow.webhookUrl, { petname: 'Waiting', petstatus: 'pending' });
  const { requestId } = (await answer.json()) as { requestId: string };
  const run = () => api.get<Run>(`/v1/runs/${requestId}`);
  await eventually(async () => expect((await run()).steps).toHaveLength(2));
  expect((await run()).status).toBe('running');
  await stack.service('component-petstore').start();
  await stack.service('component-petstore').waitHealthy();
  await eventually(async () => expect((await run()).status).toBe('succeeded'), { timeoutMs: 15_000 });
  expect(await petNames(stack.urls.sandbox, 'pending')).toEqual(['Waiting']);
  await eventually(async () => expect(await statusOf()).toBe('available'));
});
