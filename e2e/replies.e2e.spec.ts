import { createCredential, createRunningFlow } from '@millrace/dev';
import { eventually } from '@millrace/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runStack, type RunningStack } from './support/running-stack.js';
import { call, type Run } from './support/tutorial.js';

let running: RunningStack;
let webhookCredential: string;
let petstoreCredential: string;
beforeAll(async () => {
  running = await runStack();
  const { api } = running;
  webhookCredential = await createCredential(api, { component: 'webhook', name: 'Open', fields: { type: 'none' } });
  petstoreCredential = await createCredential(api, {
    component: 'petstore',
    name: 'Petstore',
    fields: { apiKey: 'secret' },
  });
});
afterAll(() => running.stop());

async function replyFlow(
  reply: { mapping: object },
  { status = 'petstatus', replyTimeoutSeconds = 30 }: { status?: string; replyTimeoutSeconds?: number } = {},
): Promise<string> {
  const flow = await createRunningFlow(running.api, {
    name: 'Answering',
    draft: {
      steps: [
        {
          id: 'step_1',
          component: 'webhook',
          operation: 'receive',
          credentialId: webhookCredential,
          config: { replyTimeoutSeconds },
        },
        {
          id: 'step_2',
          component: 'petstore',
          operation: 'createPet',
          credentialId: petstoreCredential,
          mapping: { name: 'petname', status },
        },
        { id: 'step_3', component: 'webhook', operation: 'reply', ...reply },
      ],
      edges: [
        { from: 'step_1', to: 'step_2', condition: null },
        { from: 'step_2', to: 'step_3', condition: null },
      ],
    },
  });
  return flow.webhookUrl;
}

describe('a flow with a reply step', () => {
  it('answers each of 200 callers at a time with their own reply', async () => {
    const url = await replyFlow({ mapping: { status: 201, body: { pet: 'name', id: 'id' } } });
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, number) => {
        const answer = await call(url, { petname: `pet-${number}`, petstatus: 'sold' });
        expect(answer.headers.get('x-millrace-request-id')).toMatch(/^[0-9a-f]{32}$/);
        return { status: answer.status, pet: ((await answer.json()) as { pet: string }).pet };
      }),
    );
    expect(answers).toEqual(Array.from({ length: 200 }, (_, number) => ({ status: 201, pet: `pet-${number}` })));
  });

  it('answers 502 without internals when the run fails before its reply', async () => {
    const url = await replyFlow({ mapping: { body: 'id' } });
    // The Petstore refuses the status, with a message that must not reach the caller.
    const answer = await call(url, { petname: 'Gromit', petstatus: 'stolen' });
    expect(answer.status).toBe(502);
    const body = (await answer.json()) as { code: string; requestId: string };
    expect(body).toEqual({ requestId: expect.any(String), code: 'run_failed', message: expect.any(String) });
    expect(JSON.stringify(body)).not.toMatch(/stolen|petstore/i);
    expect(await running.api.get<Run>(`/v1/runs/${body.requestId}`)).toMatchObject({ status: 'failed' });
  });

  it('answers 504 with the request id when the reply takes too long, and the run goes on', async () => {
    const url = await replyFlow({ mapping: { body: 'id' } }, { replyTimeoutSeconds: 1 });
    const component = running.stack.service('component-petstore');
    await component.kill('SIGKILL');
    const answer = await call(url, { petname: 'Shaun', petstatus: 'sold' });
    expect(answer.status).toBe(504);
    const { requestId, code } = (await answer.json()) as { requestId: string; code: string };
    expect(code).toBe('reply_timeout');
    await component.start();
    await component.waitHealthy();
    await eventually(
      async () => {
        expect(await running.api.get<Run>(`/v1/runs/${requestId}`)).toMatchObject({ status: 'succeeded' });
      },
      { timeoutMs: 30_000 },
    );
  });

  it('leaves no queue behind when the service that took the calls stops or dies', async () => {
    const { stack, broker } = running;
    const queues = async (): Promise<string[]> =>
      (await broker.control('list_queues', 'name')).split('\n').filter((line) => line.startsWith('replies.'));
    await eventually(async () => expect(await queues()).toHaveLength(1));
    const service = stack.service('webhooks-service');
    await service.kill('SIGKILL');
    await eventually(async () => expect(await queues()).toEqual([]), { timeoutMs: 20_000 });
    await service.start();
    await service.waitHealthy();
    await eventually(async () => expect(await queues()).toHaveLength(1));
  });
});
