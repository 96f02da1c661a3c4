import { describe, expect, it } from 'vitest';
import { useWebhooksService } from '../webhooks-service.fixture.js';

const hooks = useWebhooksService({
  timing: { pace: { graceMs: 600, idleMs: 400, bytesPerSecond: 1_000_000, sweepMs: 50 } },
});

describe('the answer that a flow sets', () => {
  it('has its status, headers and body, with what keeps browsers safe', async () => {
    const answerSettings = { status: 201, headers: { 'X-Own': 'yes', 'Content-Type': 'text/html' }, body: '<b>ok</b>' };
    const flow = await hooks.seed({ config: { answer: answerSettings } });
    const answer = await hooks.post(flow.flowId, '{}');
    expect([answer.status, await answer.text()]).toEqual([201, '<b>ok</b>']);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'x-own': 'yes',
      'content-type': 'text/html',
      'content-security-policy': expect.stringContaining('sandbox') as string,
      'x-content-type-options': 'nosniff',
      'x-millrace-request-id': expect.stringMatching(/^[0-9a-f]{32}$/) as string,
    });
  });

  it.each([
    ['{"ok":true}', 'application/json; charset=utf-8'],
    ['ok', 'text/plain; charset=utf-8'],
  ])('%s is of type %s unless it says otherwise', async (body, contentType) => {
    const flow = await hooks.seed({ config: { answer: { body } } });
    const answer = await hooks.post(flow.flowId, '{}');
    expect([answer.headers.get('content-type'), await answer.text()]).toEqual([contentType, body]);
  });

  it.each([204, 205, 304])('has no body with status %i', async (status) => {
    const flow = await hooks.seed({ config: { answer: { status, body: 'ignored' } } });
    const answer = await hooks.post(flow.flowId, '{}');
    expect([answer.status, await answer.text()]).toEqual([status, '']);
  });

  it('is not given to those who are refused', async () => {
    const fields = { type: 'basic', username: 'a', password: 'b' };
    const flow = await hooks.seed({ fields, config: { answer: { body: 'welcome' } } });
    const answer = await hooks.post(flow.flowId, '{}');
    expect([answer.status, await answer.text()]).toEqual([401, expect.not.stringContaining('welcome') as string]);
  });
});

describe('what the HTTP parser refuses', () => {
  const shape = /\r\n\r\n\{"requestId":"([0-9a-f]{32})","code":"([a-z_]+)","message":"[^"]+"\}$/;

  it.each([
    [
      'headers over 16 KiB',
      `POST /hook/x HTTP/1.1\r\nhost: x\r\nx-a: ${'a'.repeat(20_000)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
    [
      'a flood of headers',
      `POST /hook/x HTTP/1.1\r\nhost: x\r\n${'x-a: b\r\n'.repeat(5_000)}\r\n`,
      431,
      'headers_too_large',
    ],
    ['what is no HTTP', 'nonsense\r\n\r\n', 400, 'malformed_request'],
    [
      'a length that is none',
      'POST /hook/x HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n',
      400,
      'malformed_request',
    ],
    [
      'a second length',
      'POST /hook/x HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
      400,
      'malformed_request',
    ],
    [
      'length and chunks',
      'POST /hook/x HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n',
      400,
      'malformed_request',
    ],
    [
      'no header Host',
      'POST /hook/x HTTP/1.1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n',
      400,
      'malformed_request',
    ],
  ])('%s is answered in the shape of every other refusal', async (_what, text, status, code) => {
    const said = await hooks.raw(text);
    expect(said.startsWith(`HTTP/1.1 ${status} `)).toBe(true);
    const [, requestId, found] = shape.exec(said) ?? [];
    expect(found).toBe(code);
    expect(said).toContain(`x-millrace-request-id: ${requestId}\r\n`);
    expect(said).toContain('x-content-type-options: nosniff');
  });
});

describe('a body that comes in too slowly', () => {
  const head = (flowId: string, type: string) =>
    `POST /hook/${flowId} HTTP/1.1\r\nhost: x\r\ncontent-type: ${type}\r\ncontent-length: 90000\r\n\r\n`;

  it.each(['application/json', 'image/png'])('of %s is answered 408 when its sender pauses too long', async (type) => {
    const flow = await hooks.seed();
    const began = Date.now();
    const said = await hooks.raw(`${head(flow.flowId, type)}{`);
    expect(said).toMatch(/^HTTP\/1.1 408 /);
    expect(said).toContain('"code":"request_timeout"');
    expect(said.toLowerCase()).toContain('connection: close');
    expect(Date.now() - began).toBeLessThan(5_000);
  });

  it.each(['application/json', 'image/png'])('of %s is answered 408 when it drips for ever', async (type) => {
    const flow = await hooks.seed();
    const said = await hooks.drip(head(flow.flowId, type), 50);
    expect(said).toMatch(/^HTTP\/1.1 408 /);
  });

  it('is not taken for slow as long as it makes progress', async () => {
    const flow = await hooks.seed();
    const body = new ReadableStream<Uint8Array>({
      async start(controller) {
        for (let piece = 0; piece < 10; piece += 1) {
          controller.enqueue(new Uint8Array(100_000));
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        controller.close();
      },
    });
    const headers = { 'content-type': 'image/png' };
    const init = { method: 'POST', headers, body, duplex: 'half' } as RequestInit;
    expect((await hooks.hook(flow.flowId, init)).status).toBe(200);
  });
});
