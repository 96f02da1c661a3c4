import { createCredential, createRunningFlow } from '@millrace/dev';
import { eventually } from '@millrace/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { killAndRestart, runStack, type RunningStack } from './support/running-stack.js';
import { call, type Run } from './support/tutorial.js';

let running: RunningStack;
let webhookUrl: string;
beforeAll(async () => {
  running = await runStack({ orchestrator: { RECONCILE_EVERY_MS: '500', OVERDUE_GRACE_MS: '1000' } });
  const { api } = running;
  const open = await createCredential(api, { component: 'webhook', name: 'Open', fields: { type: 'none' } });
  const pets = await createCredential(api, { component: 'petstore', name: 'Pets', fields: { apiKey: 'secret' } });
  const pet = { component: 'petstore', operation: 'createPet', credentialId: pets };
  const flow = await createRunningFlow(api, {
    name: 'Approval',
    draft: {
      steps: [
        { id: 'step_1', component: 'webhook', operation: 'receive', credentialId: open },
        // The pet's name stands for the mail in which somebody is asked.
        { id: 'step_2', ...pet, mapping: { name: '$resumeUrl("step_3") & "/approve"', status: '"available"' } },
        { id: 'step_3', component: 'webhook', operation: 'wait', config: { timeoutSeconds: 120 } },
        { id: 'step_4', ...pet, mapping: { name: '$steps.step_1.petname & " by " & query.by', status: '"sold"' } },
      ],
      edges: [
        { from: 'step_1', to: 'step_2' },
        { from: 'step_2', to: 'step_3' },
        { from: 'step_3', to: 'step_4' },
      ],
    },
  });
  webhookUrl = flow.webhookUrl;
});
afterAll(() => running.stop());

const runOf = (requestId: string): Promise<Run> => running.api.get<Run>(`/v1/runs/${requestId}`);

/** A run that waits, and the link that its second step sent. */
async function waiting(): Promise<{ requestId: string; link: string }> {
  const answer = await call(webhookUrl, { petname: 'Gromit' });
  const { requestId } = (await answer.json()) as { requestId: string };
  await eventually(async () => expect((await runOf(requestId)).status).toBe('waiting'), { timeoutMs: 20_000 });
  const { steps } = await runOf(requestId);
  const { name } = steps[1]!.input as { name: string };
  expect(steps.find(({ stepId }) => stepId === 'step_3')).toMatchObject({ status: 'waiting', waitingFor: 'resume' });
  return { requestId, link: name };
}

async function expectApproved(requestId: string): Promise<void> {
  await eventually(async () => expect((await runOf(requestId)).status).toBe('succeeded'), { timeoutMs: 30_000 });
  const { steps } = await runOf(requestId);
  expect(steps.map(({ stepId }) => stepId)).toEqual(['step_1', 'step_2', 'step_3', 'step_4']);
  expect(steps[2]?.output).toMatchObject({ path: '/approve', query: { by: 'Wallace' }, timedOut: false });
  expect(steps[3]?.input).toMatchObject({ name: 'Gromit by Wallace' });
}

describe('a run that waits for an approval', () => {
  it('goes on when the link that it sent is opened, once', async () => {
    const { requestId, link } = await waiting();
    expect(link).toMatch(/^http:\/\/localhost:\d+\/resume\//);
    const { url } = await running.api.get<{ url: string }>(`/v1/runs/${requestId}/steps/step_3/resume-url`);
    expect(url).toMatch(/\/resume\//);
    expect((await fetch(link, { method: 'HEAD' })).status).toBe(405);
    expect((await runOf(requestId)).status).toBe('waiting');
    expect((await fetch(`${link}?by=Wallace`)).status).toBe(200);
    expect((await fetch(`${link}?by=Feathers`)).status).toBe(410);
    expect((await fetch(url)).status).toBe(410);
    await expectApproved(requestId);
  });

  it('loses neither the waiting nor the call when services are killed and Postgres is away', async () => {
    const waits = await Promise.all([waiting(), waiting(), waiting()]);
    await running.withoutPostgres(async () => {
      const answer = await fetch(`${waits[0].link}?by=Wallace`);
      expect([answer.status, answer.headers.has('retry-after')]).toEqual([503, true]);
    });
    await eventually(async () => expect((await fetch(`${waits[0].link}?by=Wallace`)).status).toBe(200), {
      timeoutMs: 20_000,
    });
    await running.stack.service('orchestrator').kill('SIGKILL');
    expect((await fetch(`${waits[1].link}?by=Wallace`)).status).toBe(200);
    await running.stack.service('orchestrator').start();
    await Promise.all([
      killAndRestart(running.stack, 'component-webhook'),
      killAndRestart(running.stack, 'webhooks-service'),
    ]);
    expect((await fetch(`${waits[2].link}?by=Wallace`)).status).toBe(200);
    for (const { requestId } of waits) await expectApproved(requestId);
  });
});
