import { describe, expect, it } from 'vitest';
import { basic, useWebhooksService } from '../webhooks-service.fixture.js';

const hooks = useWebhooksService();

describe('the methods of a flow', () => {
  it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])(
    '%s starts a run, PUT not answered 500',
    async (method) => {
      const flow = await hooks.seed();
      const answer = await hooks.hook(`${flow.flowId}/pets/7?page=2`, { method });
      expect(answer.status).toBe(200);
      expect(await answer.text()).toBe(
        method === 'HEAD' ? '' : `{"requestId":"${answer.headers.get('x-millrace-request-id')}","message":"thank you"}`,
      );
      const [trigger] = await hooks.triggers(1);
      expect(trigger?.request).toMatchObject({ method, path: '/pets/7', query: { page: '2' } });
      expect(await hooks.output()).toEqual({});
    },
  );

  it.each(['TRACE', 'PROPFIND', 'PURGE', 'OPTIONS'])('%s is answered 405 with what is allowed', async (method) => {
    const flow = await hooks.seed();
    const said = await hooks.raw(`${method} /hook/${flow.flowId} HTTP/1.1\r\nhost: x\r\n\r\n`, (text) =>
      text.includes('method_not_allowed'),
    );
    expect(said).toMatch(/^HTTP\/1.1 405 /);
    expect(said).toContain('allow: GET, HEAD, POST, PUT, PATCH, DELETE');
    expect(said).toContain('x-millrace-request-id: ');
  });

  it('are those that its owner chose', async () => {
    const flow = await hooks.seed({ config: { methods: ['POST', 'OPTIONS'] } });
    const refused = await hooks.hook(flow.flowId, { method: 'PUT', body: '{}' });
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'POST, OPTIONS']);
    expect((await hooks.hook(flow.flowId, { method: 'OPTIONS' })).status).toBe(200);
    expect((await hooks.post(flow.flowId, '{}')).status).toBe(200);
    const methods = (await hooks.triggers(2)).map(({ request }) => request.method);
    expect(methods).toEqual(['OPTIONS', 'POST']);
  });
});

describe('a page of another origin', () => {
  const cors = { origins: ['https://shop.example'], allowedHeaders: ['x-key'], maxAgeSeconds: 60 };
  const preflight = (origin: string) => ({
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-key' },
  });

  it('is told by a preflight what it may do, without credentials and without a run', async () => {
    const fields = { type: 'basic', username: 'a', password: 'b' };
    const flow = await hooks.seed({ fields, config: { cors, methods: ['POST'] } });
    const answer = await hooks.hook(flow.flowId, preflight('https://shop.example'));
    expect(answer.status).toBe(204);
    expect(await answer.text()).toBe('');
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': 'https://shop.example',
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'content-type, x-key',
      'access-control-max-age': '60',
      vary: 'origin',
    });
    expect(answer.headers.has('access-control-allow-credentials')).toBe(false);
    expect(hooks.received).toHaveLength(0);
  });

  it('may read every answer, refusals included, and a page of an origin that is not named none', async () => {
    const fields = { type: 'basic', username: 'a', password: 'b' };
    const flow = await hooks.seed({ fields, config: { cors } });
    for (const [headers, status] of [[{}, 401] as const, [basic('a', 'b'), 200] as const]) {
      const answer = await hooks.post(flow.flowId, '{}', { ...headers, origin: 'https://shop.example' });
      expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([
        status,
        'https://shop.example',
      ]);
      expect(answer.headers.get('vary')).toBe('origin');
      const other = await hooks.post(flow.flowId, '{}', { ...headers, origin: 'https://evil.example' });
      expect([other.status, other.headers.get('access-control-allow-origin')]).toEqual([status, null]);
    }
    const refused = await hooks.hook(flow.flowId, preflight('https://evil.example'));
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([204, null]);
  });

  it('of any origin may call where the flow says so, and gets nothing where the flow says nothing', async () => {
    const open = await hooks.seed({ config: { cors: { origins: ['*'] } } });
    const answer = await hooks.post(open.flowId, '{}', { origin: 'https://any.example' });
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    const closed = await hooks.seed();
    expect((await hooks.hook(closed.flowId, preflight('https://any.example'))).status).toBe(405);
    const plain = await hooks.post(closed.flowId, '{}', { origin: 'https://any.example' });
    expect(plain.headers.has('access-control-allow-origin')).toBe(false);
  });
});
