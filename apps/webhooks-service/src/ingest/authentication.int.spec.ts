import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { basic, publicUrl, useWebhooksService } from '../webhooks-service.fixture.js';

const hooks = useWebhooksService();
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

describe('a flow with Basic authentication', () => {
  it('answers 401 with a challenge on every method until the credentials are right, GET included', async () => {
    const flow = await hooks.seed({ fields: { type: 'basic', username: 'wallace', password: 'cheese' } });
    for (const method of methods) {
      const answer = await hooks.hook(flow.flowId, { method });
      expect([method, answer.status]).toEqual([method, 401]);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
      const right = await hooks.hook(flow.flowId, { method, headers: basic('wallace', 'cheese') });
      expect([method, right.status]).toEqual([method, 200]);
    }
  });

  it("takes a password with ':'", async () => {
    const flow = await hooks.seed({ fields: { type: 'basic', username: 'wallace', password: 'chee:se:' } });
    expect((await hooks.post(flow.flowId, '{}', basic('wallace', 'chee:se:'))).status).toBe(200);
    expect((await hooks.post(flow.flowId, '{}', basic('wallace', 'chee'))).status).toBe(401);
  });

  it('says nothing about a body before the caller has proved who they are', async () => {
    const flow = await hooks.seed({ fields: { type: 'basic', username: 'wallace', password: 'cheese' } });
    expect((await hooks.post(flow.flowId, '{"broken', basic('wallace', 'wrong'))).status).toBe(401);
    expect((await hooks.post(flow.flowId, '{"broken', basic('wallace', 'cheese'))).status).toBe(400);
  });

  it('refuses a body that it need not read at once, and pays nothing for the rest of it', async () => {
    const flow = await hooks.seed({ fields: { type: 'basic', username: 'wallace', password: 'cheese' } });
    const said = await hooks.raw(
      `POST /hook/${flow.flowId} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9000000\r\n\r\n{`,
    );
    expect(said).toMatch(/^HTTP\/1.1 401 /);
    expect(said.toLowerCase()).toContain('connection: close');
  });
});

describe('a caller who asks for leave to send a body', () => {
  const ask = (flowId: string, type: string, authorization = 'none') =>
    `POST /hook/${flowId} HTTP/1.1\r\nhost: x\r\ncontent-type: ${type}\r\ncontent-length: 5\r\n` +
    `authorization: ${authorization}\r\nexpect: 100-continue\r\n\r\n`;

  it('gets the answer instead when it is a refusal', async () => {
    const flow = await hooks.seed({ fields: { type: 'basic', username: 'a', password: 'b' } });
    expect(await hooks.raw(ask(flow.flowId, 'application/json'))).toMatch(/^HTTP\/1.1 401 /);
  });

  it.each(['application/json', 'image/png'])('of %s gets it otherwise', async (type) => {
    const flow = await hooks.seed({ fields: { type: 'basic', username: 'a', password: 'b' } });
    const { authorization } = basic('a', 'b');
    const said = await hooks.raw(ask(flow.flowId, type, authorization), (text) => text.includes('100 Continue'));
    expect(said).toMatch(/^HTTP\/1.1 100 Continue/);
  });
});

describe('a flow with an API key', () => {
  it('takes the key in its header or query parameter and lets neither through to the broker', async () => {
    const fields = { type: 'apiKey', headerName: 'X-Key', queryName: 'key', value: 'opensesame' };
    const flow = await hooks.seed({ fields });
    expect((await hooks.post(flow.flowId, '{}')).status).toBe(401);
    expect((await hooks.post(flow.flowId, '{}', { 'x-key': 'opensesam' })).status).toBe(401);
    expect((await hooks.post(flow.flowId, '{}', { 'x-key': 'opensesame' })).status).toBe(200);
    expect((await hooks.post(`${flow.flowId}?key=opensesame&page=2`, '{}')).status).toBe(200);
    const triggers = await hooks.triggers(2);
    expect(triggers[1]?.request.query).toEqual({ page: '2' });
    expect(JSON.stringify(triggers)).not.toContain('opensesame');
  });
});

describe('a flow with signed calls', () => {
  const hex = (secret: string, text: string) => createHmac('sha256', secret).update(text).digest('hex');

  it('verifies the bytes as they came, whitespace included, and not what they mean', async () => {
    const flow = await hooks.seed({ fields: { type: 'hmac', secret: 'it is a secret', preset: 'github' } });
    const body = '{ "zen":  "Keep it simple." }\n';
    const signature = `sha256=${hex('it is a secret', body)}`;
    expect((await hooks.post(flow.flowId, body, { 'x-hub-signature-256': signature })).status).toBe(200);
    expect((await hooks.post(flow.flowId, body.trim(), { 'x-hub-signature-256': signature })).status).toBe(401);
    expect((await hooks.post(flow.flowId, body)).status).toBe(401);
    expect((await hooks.post(flow.flowId, body, { 'x-hub-signature-256': 'sha256=00' })).status).toBe(401);
  });

  it('verifies the bytes of a file and of a body that cannot be read, and says nothing about that before', async () => {
    const flow = await hooks.seed({ fields: { type: 'hmac', secret: 's', preset: 'github' } });
    const signed = (body: string) => ({ 'x-hub-signature-256': `sha256=${hex('s', body)}` });
    const pdf = { 'content-type': 'application/pdf' };
    expect((await hooks.post(flow.flowId, 'binary', { ...pdf, ...signed('binary') })).status).toBe(200);
    expect((await hooks.post(flow.flowId, 'binary', { ...pdf, ...signed('other') })).status).toBe(401);
    expect((await hooks.post(flow.flowId, '{"broken', signed('other'))).status).toBe(401);
    expect((await hooks.post(flow.flowId, '{"broken', signed('{"broken'))).status).toBe(400);
    expect((await hooks.query<{ count: string }>('select count(*) from attachment'))[0]?.count).toBe('1');
  });

  it('verifies the address that senders call, not the one that the call claims', async () => {
    const flow = await hooks.seed({ fields: { type: 'hmac', secret: 'key', preset: 'square' } });
    const sign = (url: string) => createHmac('sha256', 'key').update(`${url}{}`).digest('base64');
    const path = `/hook/${flow.flowId}`;
    const header = 'x-square-hmacsha256-signature';
    expect((await hooks.post(flow.flowId, '{}', { [header]: sign(publicUrl + path) })).status).toBe(200);
    expect((await hooks.post(flow.flowId, '{}', { [header]: sign(hooks.url(path)) })).status).toBe(401);
  });

  it("answers a sender's question whether the address is alive, and runs nothing", async () => {
    const flow = await hooks.seed({ fields: { type: 'hmac', secret: 'slack secret', preset: 'slack' } });
    const body = JSON.stringify({ type: 'url_verification', challenge: '3eZbrw1a', token: 'x' });
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signature = `v0=${hex('slack secret', `v0:${timestamp}:${body}`)}`;
    const signed = { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature };
    const answer = await hooks.post(flow.flowId, body, signed);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('3eZbrw1a');
    expect(answer.headers.get('x-millrace-request-id')).toMatch(/^[0-9a-f]{32}$/);
    expect((await hooks.post(flow.flowId, body, { ...signed, 'x-slack-signature': 'v0=00' })).status).toBe(401);
    expect((await hooks.post(flow.flowId, '{}', { ...signed, 'x-slack-signature': 'v0=00' })).status).toBe(401);
    expect(hooks.received).toHaveLength(0);
  });
});
