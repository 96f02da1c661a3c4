import { eventually } from '@millrace/testing';
import { describe, expect, it } from 'vitest';
import { basic, useWebhooksService } from '../webhooks-service.fixture.js';

const hooks = useWebhooksService({ env: { MAX_CONCURRENT_REQUESTS: '3' } });

describe('a flow with a rate', () => {
  it('answers 429 with Retry-After above it, and takes calls again after that time', async () => {
    const flow = await hooks.seed({ config: { rateLimit: { requestsPerSecond: 1, burst: 2 } } });
    const statuses = [];
    for (let call = 0; call < 3; call += 1) statuses.push((await hooks.post(flow.flowId, '{}')).status);
    expect(statuses).toEqual([200, 200, 429]);
    const answer = await hooks.post(flow.flowId, '{}');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '1']);
    expect(await answer.json()).toMatchObject({ code: 'too_many_requests' });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect((await hooks.post(flow.flowId, '{}')).status).toBe(200);
  });

  it('counts calls with wrong credentials, so that nobody can try them out fast', async () => {
    const fields = { type: 'basic', username: 'a', password: 'b' };
    const flow = await hooks.seed({ fields, config: { rateLimit: { requestsPerSecond: 0.1, burst: 2 } } });
    const statuses = [];
    for (let guess = 0; guess < 3; guess += 1) {
      statuses.push((await hooks.post(flow.flowId, '{}', basic('a', String(guess)))).status);
    }
    expect(statuses).toEqual([401, 401, 429]);
  });
});

describe('a workspace with a rate of its own', () => {
  it('answers 429 above it', async () => {
    const flow = await hooks.seed();
    await hooks.query('update workspace set requests_per_second = 1 where id = $1', [flow.workspaceId]);
    expect((await hooks.post(flow.flowId, '{}')).status).toBe(200);
    expect((await hooks.post(flow.flowId, '{}')).status).toBe(429);
  });
});

describe('calls at the same time', () => {
  const slow = { replies: true, config: { replyTimeoutSeconds: 1 } };

  it('are answered 429 above the number of their flow', async () => {
    const flow = await hooks.seed({ ...slow, config: { ...slow.config, maxConcurrentRequests: 1 } });
    const first = hooks.post(flow.flowId, '{}');
    await hooks.triggers(1);
    const second = await hooks.post(flow.flowId, '{}');
    expect([second.status, second.headers.get('retry-after')]).toEqual([429, '1']);
    expect((await first).status).toBe(504);
  });

  it('are answered 429 above the share of their workspace, and 503 when the process is full, whoever calls', async () => {
    const [busy, second, other] = [await hooks.seed(slow), await hooks.seed(slow), await hooks.seed()];
    const waiting = [1, 2].map(() => hooks.post(busy.flowId, '{}'));
    await hooks.triggers(2);
    const refused = await hooks.post(busy.flowId, '{}');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect((await hooks.post(other.flowId, '{}')).status).toBe(200);
    waiting.push(hooks.post(second.flowId, '{}'));
    await hooks.triggers(4);
    const answer = await hooks.post(other.flowId, '{}');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    await Promise.all(waiting);
    await eventually(async () => expect((await hooks.post(other.flowId, '{}')).status).toBe(200));
  });
});
