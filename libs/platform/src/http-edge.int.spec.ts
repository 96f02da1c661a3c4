import 'reflect-metadata';
import { once } from 'node:events';
import { connect } from 'node:net';
import { Controller, Get, Module, Param, Post, Req } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createLogger } from '@millrace/observability';
import type { FastifyRequest } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpApp, listenHttp, type HttpAppOptions } from './http-app.js';

@Controller()
class EdgeController {
  @Get('ip')
  ip(@Req() request: FastifyRequest): unknown {
    return { ip: request.ip, protocol: request.protocol };
  }

  @Get('words/:word')
  length(@Param('word') word: string): unknown {
    return { length: word.length };
  }

  @Post('words')
  take(): unknown {
    return {};
  }
}

@Module({ controllers: [EdgeController] })
class EdgeModule {}

const logger = createLogger({ service: 'spec', level: 'silent' });
let app: NestFastifyApplication | undefined;

afterEach(() => app?.close());

async function start(options: Partial<HttpAppOptions> = {}): Promise<{ url: string; port: number }> {
  app = await createHttpApp(EdgeModule, { logger, maxBodyBytes: 1_000, ...options });
  const port = await listenHttp(app, { host: '127.0.0.1', port: 0 });
  return { url: `http://127.0.0.1:${port}`, port };
}

/** What the server says to the beginning of a request whose end never comes, until it hangs up. */
async function trickle(port: number, beginning: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let said = '';
  socket.on('data', (chunk) => (said += chunk.toString()));
  socket.on('error', () => undefined);
  socket.write(beginning);
  const drops = setInterval(() => socket.write('x'), 50);
  await once(socket, 'close');
  clearInterval(drops);
  return said;
}

describe('the edge of an HTTP app', () => {
  it.each([
    ['body', 'POST /words HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n'],
    ['headers', 'POST /words HTTP/1.1\r\nhost: a\r\nx-slow: '],
  ])('cuts off a request whose %s trickles in', async (_what, beginning) => {
    const { port } = await start({ requestTimeoutMs: 300 });
    const began = Date.now();
    expect(await trickle(port, beginning)).toMatch(/^HTTP\/1.1 408 /);
    expect(Date.now() - began).toBeLessThan(5_000);
  });

  it('gives a request 30 s to come in unless told otherwise', async () => {
    await start();
    expect(app?.getHttpServer()).toMatchObject({ requestTimeout: 30_000, headersTimeout: 15_000 });
  });

  it('takes a segment of a path as long as the headers allow', async () => {
    const { url } = await start();
    const response = await fetch(`${url}/words/${'a'.repeat(15_000)}`);
    expect(await response.json()).toEqual({ length: 15_000 });
  });

  it('answers a URL that it cannot read without repeating it, with headers that keep browsers safe', async () => {
    const { url } = await start();
    const response = await fetch(`${url}/words/%zz-token`);
    expect(response.status).toBe(400);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({
      code: 'invalid_request',
      detail: 'The URL of the request cannot be read.',
    });
    expect(text).not.toContain('token');
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'x-request-id': (JSON.parse(text) as { requestId: string }).requestId,
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'none'") as string,
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
    });
  });

  it('lets an app answer such a URL itself', async () => {
    const { url } = await start({
      answerUnroutable: (_request, reply) => void reply.code(404).header('x-own', 'yes').send({ gone: true }),
    });
    const response = await fetch(`${url}/words/%zz`);
    expect([response.status, response.headers.get('x-own'), await response.json()]).toEqual([
      404,
      'yes',
      { gone: true },
    ]);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  // The test is the nearest proxy; its address is 127.0.0.1.
  const forged = '203.0.113.66, 203.0.113.7, 10.0.0.9';
  it.each<[HttpAppOptions['trustProxy'], string, string]>([
    [undefined, '127.0.0.1', 'http'],
    ['none', '127.0.0.1', 'http'],
    [1, '10.0.0.9', 'https'],
    [2, '203.0.113.7', 'https'],
    [['127.0.0.1', '10.0.0.0/8'], '203.0.113.7', 'https'],
    [['10.0.0.0/8'], '127.0.0.1', 'http'],
  ])('with the trusted proxies %j takes %s for the address of the caller', async (trustProxy, ip, protocol) => {
    const { url } = await start({ trustProxy });
    const response = await fetch(`${url}/ip`, {
      headers: { 'x-forwarded-for': forged, 'x-forwarded-proto': 'https' },
    });
    expect(await response.json()).toEqual({ ip, protocol });
  });
});
