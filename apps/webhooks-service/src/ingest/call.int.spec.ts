import { setTimeout as sleep } from 'node:timers/promises';
import { newId, type FlowId } from '@millrace/contracts';
import { eventually } from '@millrace/testing';
import { describe, expect, it } from 'vitest';
import { basic, useWebhooksService } from '../webhooks-service.fixture.js';

const hooks = useWebhooksService();

describe('a call of a running flow', () => {
  it('is answered thank you and stored with its bytes, query, path and headers', async () => {
    const flow = await hooks.seed();
    const body = '{"petname": "Gromit",\n"petstatus":"Sold"}';
    const answer = await hooks.post(`${flow.flowId.replaceAll('-', '')}/a/b?x=1&x=2&y=`, body, { 'x-shop': 'pets' });
    expect(answer.status).toBe(200);
    const { requestId, message } = (await answer.json()) as { requestId: string; message: string };
    expect(message).toBe('thank you');
    expect(requestId).toMatch(/^[0-9a-f]{32}$/);
    expect(answer.headers.get('x-millrace-request-id')).toBe(requestId);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    const [trigger] = await hooks.triggers(1);
    expect(trigger).toMatchObject({
      flowId: flow.flowId,
      versionId: flow.versionId,
      request: {
        method: 'POST',
        path: '/a/b',
        query: { x: ['1', '2'], y: '' },
        headers: { 'x-shop': 'pets' },
        contentType: 'application/json',
      },
    });
    expect(trigger?.request).not.toHaveProperty('replyTo');
    expect(trigger?.runId.replaceAll('-', '')).toBe(requestId);
    expect(trigger?.body.toString()).toBe(body);
  });

  it('takes no request id from the caller', async () => {
    const flow = await hooks.seed();
    const forged = '00000000000000000000000000000001';
    const answer = await hooks.post(flow.flowId, '{}', { 'x-request-id': forged, 'x-millrace-request-id': forged });
    expect(answer.headers.get('x-millrace-request-id')).toMatch(/^[0-9a-f]{32}$/);
    expect(answer.headers.get('x-millrace-request-id')).not.toBe(forged);
    expect((await hooks.triggers(1))[0]?.runId.replaceAll('-', '')).not.toBe(forged);
  });

  it('lets no credential through to the broker', async () => {
    const flow = await hooks.seed({ fields: { type: 'basic', username: 'wallace', password: 'cheese' } });
    await hooks.post(flow.flowId, '{}', { ...basic('wallace', 'cheese'), cookie: 'session=secret' });
    await hooks.triggers(1);
    expect(JSON.stringify(hooks.received[0]?.headers)).not.toMatch(/basic|secret|cheese/i);
  });
});

describe('a call that cannot be taken', () => {
  it('gets one and the same 404 for a malformed, an unknown, a stopped and a deleted flow', async () => {
    const stopped = await hooks.seed({ status: 'stopped' });
    const deleted = await hooks.seed();
    await hooks.query('update flow set deleted_at = now() where id = $1', [deleted.flowId]);
    const bodies = new Set<string>();
    for (const id of ['nonsense', '%00', '%zz', 'x'.repeat(2000), newId<FlowId>(), stopped.flowId, deleted.flowId]) {
      const answer = await hooks.post(id, '{}');
      expect([id, answer.status]).toEqual([id, 404]);
      const { requestId, ...rest } = (await answer.json()) as Record<string, string>;
      expect(requestId).toBe(answer.headers.get('x-millrace-request-id'));
      bodies.add(JSON.stringify(rest));
    }
    expect(bodies.size).toBe(1);
  });

  it('because its credential was deleted is refused', async () => {
    const flow = await hooks.seed();
    await hooks.query('delete from credential where id = $1', [flow.credentialId]);
    expect((await hooks.post(flow.flowId, '{}')).status).toBe(401);
  });

  it('gets a request id and no stack trace whatever its status is', async () => {
    const flow = await hooks.seed({ config: { methods: ['POST'] } });
    const answers = [
      await hooks.hook(flow.flowId),
      await hooks.post(flow.flowId, '{"broken'),
      await hooks.post(flow.flowId, 'a', { 'content-type': 'nonsense' }),
      await hooks.post(flow.flowId, 'a', { 'content-encoding': 'zip' }),
      await hooks.post(flow.flowId, 'x', { 'content-encoding': 'gzip' }),
      await hooks.post('nonsense', '{}'),
      await fetch(hooks.url('/elsewhere')),
    ];
    expect(answers.map(({ status }) => status)).toEqual([405, 400, 415, 415, 400, 404, 404]);
    for (const answer of answers) {
      expect(answer.headers.get('x-millrace-request-id')).toMatch(/^[0-9a-f]{32}$/);
      expect(await answer.text()).not.toMatch(/\.[jt]s:\d|node_modules|(?:\\n|\n) +at /);
    }
  });
});

describe('while the broker is away', () => {
  it('calls are answered 503 with Retry-After, and 200 again once it is back', async () => {
    const flow = await hooks.seed();
    expect((await hooks.post(flow.flowId, '{}')).status).toBe(200);
    hooks.proxy.refuse();
    hooks.proxy.cut();
    const answers = await Promise.all(Array.from({ length: 20 }, () => hooks.post(flow.flowId, '{}')));
    for (const answer of answers) {
      expect(answer.status).toBe(503);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect((await fetch(hooks.url('/health/ready'))).status).toBe(200);
    hooks.proxy.restore();
    await eventually(async () => expect((await hooks.post(flow.flowId, '{}')).status).toBe(200), { timeoutMs: 10_000 });
  });

  it('no call is answered 200 whose message did not arrive, however often the connection is cut', async () => {
    const flow = await hooks.seed();
    const accepted: string[] = [];
    const calling = new AbortController();
    const callers = Array.from({ length: 8 }, async () => {
      while (!calling.signal.aborted) {
        const answer = await hooks.post(flow.flowId, '{}');
        if (answer.status === 200) accepted.push(((await answer.json()) as { requestId: string }).requestId);
      }
    });
    for (let cut = 0; cut < 8; cut += 1) {
      const target = accepted.length + 30;
      await eventually(() => expect(accepted.length).toBeGreaterThan(target), { timeoutMs: 10_000 });
      hooks.proxy.cut();
    }
    calling.abort();
    await Promise.all(callers);
    await eventually(() => {
      const arrived = new Set(hooks.received.map((delivery) => delivery.messageId?.replaceAll('-', '')));
      expect(accepted.filter((requestId) => !arrived.has(requestId))).toEqual([]);
    });
  });
});

describe('a service that ends', () => {
  it('does not wait for connections on which nothing was sent', async () => {
    const silent = hooks.raw('');
    const begun = hooks.raw('POST /hook/x HTTP/1.1\r\nhost');
    await sleep(100);
    const beganAt = Date.now();
    await hooks.close();
    expect(Date.now() - beganAt).toBeLessThan(4_000);
    expect([await silent, await begun]).toEqual(['', '']);
  });

  it('answers the calls that came before', async () => {
    const flow = await hooks.seed();
    const answers = Array.from({ length: 50 }, () =>
      hooks.post(flow.flowId, '{}').then(
        ({ status }) => status,
        () => 'not connected',
      ),
    );
    await hooks.triggers(1);
    await hooks.close();
    const taken = (await Promise.all(answers)).filter((answer) => answer !== 'not connected');
    expect(new Set(taken)).toEqual(new Set([200]));
    expect(await hooks.triggers(taken.length)).toHaveLength(taken.length);
  });
});
