import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runStack, type RunningStack } from './support/running-stack.js';
import { call, startTutorialFlow, type Flow } from './support/tutorial.js';

let running: RunningStack;
let flow: Flow;
beforeAll(async () => {
  running = await runStack();
  flow = await startTutorialFlow(running.api, { type: 'basic', username: 'wendolene', password: 'wool: and more' });
});
afterAll(() => running.stop());

const basic = (password: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`wendolene:${password}`).toString('base64')}`,
});

async function status(password = 'wool: and more'): Promise<number> {
  const answer = await call(flow.webhookUrl, { petname: 'Shaun', petstatus: 'sold' }, basic(password));
  await answer.arrayBuffer();
  return answer.status;
}

describe('what the control plane has answered', () => {
  it('holds for the very next request: starting and stopping', async () => {
    for (let change = 0; change < 25; change += 1) {
      await running.api.post(`/v1/flows/${flow.id}/stop`);
      expect(await status()).toBe(404);
      await running.api.post(`/v1/flows/${flow.id}/start`);
      expect(await status()).toBe(200);
    }
  });

  it('holds for the very next request: publishing other settings', async () => {
    const { draft } = await running.api.get<{ draft: { steps: { config?: object }[]; edges: object[] } }>(
      `/v1/flows/${flow.id}`,
    );
    const [trigger, ...rest] = draft.steps;
    for (const method of ['PUT', 'POST', 'PATCH', 'POST']) {
      const steps = [{ ...trigger, config: { methods: [method] } }, ...rest];
      await running.api.put(`/v1/flows/${flow.id}/draft`, { ...draft, steps });
      await running.api.post(`/v1/flows/${flow.id}/publish`);
      expect(await status()).toBe(method === 'POST' ? 200 : 405);
    }
  });

  it('holds for the very next request: another password', async () => {
    const { draft } = await running.api.get<{ draft: { steps: { credentialId: string }[] } }>(`/v1/flows/${flow.id}`);
    const credentialId = draft.steps[0]?.credentialId;
    for (const password of ['one', 'two', 'three']) {
      expect(await status(password)).toBe(401);
      const fields = { type: 'basic', username: 'wendolene', password };
      await running.api.patch(`/v1/credentials/${credentialId}`, { fields });
      expect(await status(password)).toBe(200);
    }
  });
});
