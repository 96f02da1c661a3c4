import 'reflect-metadata';
import { Body, Controller, Get, Module, Param, Post, Query } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createLogger } from '@millrace/observability';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createHealth } from '@millrace/process';
import { registerHealthRoutes } from './health-routes.js';
import { createHttpApp, listenHttp } from './http-app.js';
import { problemsOf, validationProblem } from './problem.js';

const problem = problemsOf({ draft_invalid: { status: 422, title: 'The draft has problems' } });
const pet = z.object({
  name: z.string().min(1, 'must have a letter'),
  tags: z.array(z.object({ 'a/b': z.number('must be a number') })).default([]),
});

@Controller('things')
class ThingsController {
  @Post()
  create(@Body({ schema: pet }) body: z.output<typeof pet>): unknown {
    return body;
  }

  @Get()
  list(@Query({ schema: z.object({ limit: z.coerce.number().max(100) }) }) query: { limit: number }): unknown {
    return query;
  }

  @Get('own')
  own(): never {
    throw problem('draft_invalid', { detail: 'step_1 has no operation', extra: { problems: [], status: 1 } });
  }

  @Get('busy')
  busy(): never {
    throw problem('unavailable', { headers: { 'retry-after': '3' } });
  }

  @Get('broken/:kind')
  broken(@Param('kind') kind: string): unknown {
    if (kind === 'zod') return z.string().parse(1);
    if (kind === 'upstream') throw Object.assign(new Error('upstream said db-password'), { statusCode: 404 });
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- foreign code does this
    if (kind === 'string') return Promise.reject<unknown>('a db-password');
    throw new Error('db-password is wrong');
  }
}

@Module({ controllers: [ThingsController] })
class ThingsModule {}

const lines: string[] = [];
const logger = createLogger({ service: 'spec', destination: { write: (line) => void lines.push(line) } });
let app: NestFastifyApplication;
let url: string;
let brokerUp = true;
const health = createHealth({
  logger,
  checks: {
    broker: () => {
      if (!brokerUp) throw new Error('no connection to 10.0.0.7');
    },
  },
});

beforeAll(async () => {
  app = await createHttpApp(ThingsModule, { logger, maxBodyBytes: 1_000 });
  const fastify = app.getHttpAdapter().getInstance();
  registerHealthRoutes(fastify, health);
  await fastify.register((plain, _options, done) => {
    plain.post('/plain', (request) => {
      const { success, data, error } = pet.safeParse(request.body);
      if (success) return data;
      throw validationProblem(error.issues, 422);
    });
    plain.get('/plain/broken', () => {
      throw new Error('db-password again');
    });
    done();
  });
  const port = await listenHttp(app, { host: '127.0.0.1', port: 0 });
  url = `http://127.0.0.1:${port}`;
});

afterAll(() => app.close());

beforeEach(() => {
  lines.length = 0;
});

async function call(
  method: string,
  path: string,
  body?: string,
): Promise<{ status: number; headers: Headers; body: Record<string, unknown> }> {
  const response = await fetch(url + path, {
    method,
    ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

describe('an HTTP app', () => {
  it('answers an own problem with its code, detail and extra members that cannot replace the standard ones', async () => {
    const { status, headers, body } = await call('GET', '/things/own');
    expect(status).toBe(422);
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(body).toEqual({
      type: 'urn:millrace:problem:draft_invalid',
      title: 'The draft has problems',
      status: 422,
      code: 'draft_invalid',
      detail: 'step_1 has no operation',
      problems: [],
      requestId: headers.get('x-request-id'),
    });
  });

  it('sends the headers of a problem', async () => {
    const { status, headers } = await call('GET', '/things/busy');
    expect([status, headers.get('retry-after')]).toEqual([503, '3']);
    expect(lines).toEqual([]);
  });

  it.each(['/things', '/plain'])('answers a refused body at %s 422 with JSON pointers', async (path) => {
    const { status, body } = await call('POST', path, '{"name":"","tags":[{"a/b":1},{"a/b":"x"}]}');
    expect(status).toBe(422);
    expect(body).toMatchObject({
      code: 'validation_failed',
      detail: '2 fields are not valid',
      problems: [
        { pointer: '/name', message: 'must have a letter' },
        { pointer: '/tags/1/a~1b', message: 'must be a number' },
      ],
    });
  });

  it('hands the handler what the schema made of the body', async () => {
    expect((await call('POST', '/things', '{"name":"Gromit","other":1}')).body).toEqual({ name: 'Gromit', tags: [] });
  });

  it('answers a refused query 400', async () => {
    const { status, body } = await call('GET', '/things?limit=1000');
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'invalid_request', problems: [{ pointer: '/limit' }] });
  });

  it.each([
    ['POST', '/things', '{"name":', 'invalid_json 400'],
    ['POST', '/things', '{"__proto__":{"x":1},"name":"a"}', 'invalid_json 400'],
    ['POST', '/things', `{"name":"${'a'.repeat(2_000)}"}`, 'body_too_large 413'],
    ['GET', '/nothing', undefined, 'not_found 404'],
    ['DELETE', '/things', undefined, 'not_found 404'],
    ['GET', '/%zz', undefined, 'invalid_request 400'],
  ])('answers %s %s (%s) with problem details', async (method, path, sent, expected) => {
    const answer = await call(method, path, sent);
    expect(`${String(answer.body['code'])} ${answer.status}`).toBe(expected);
    expect(answer.body['status']).toBe(answer.status);
    expect(answer.body['requestId']).toBe(answer.headers.get('x-request-id'));
  });

  it('answers another content type 415', async () => {
    const response = await fetch(`${url}/things`, {
      method: 'POST',
      body: '<a/>',
      headers: { 'content-type': 'text/xml' },
    });
    expect(response.status).toBe(415);
    expect(await response.json()).toMatchObject({ code: 'unsupported_media_type' });
  });

  it.each([
    '/things/broken/error',
    '/things/broken/zod',
    '/things/broken/upstream',
    '/things/broken/string',
    '/plain/broken',
  ])('answers the fault at %s 500 without its cause, which goes to the log with the request id', async (path) => {
    const { status, body } = await call('GET', path);
    expect(status).toBe(500);
    expect(Object.keys(body).sort()).toEqual(['code', 'requestId', 'status', 'title', 'type']);
    expect(JSON.stringify(body)).not.toContain('db-password');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'error',
      requestId: body['requestId'],
      msg: 'request failed',
    });
  });

  it('tells its health, with the reason in the log only', async () => {
    expect(await call('GET', '/health/live')).toMatchObject({ status: 200, body: { status: 'alive' } });
    expect(await call('GET', '/health/ready')).toMatchObject({ status: 200, body: { checks: { broker: 'ok' } } });
    brokerUp = false;
    for (let i = 0; i < 2; i += 1) {
      expect(await call('GET', '/health/ready')).toMatchObject({
        status: 503,
        body: { status: 'not_ready', checks: { broker: 'failed' } },
      });
    }
    brokerUp = true;
    await call('GET', '/health/ready');
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['not ready', 'ready again']);
    expect(lines[0]).toContain('10.0.0.7');
    health.startDraining();
    expect(await call('GET', '/health/ready')).toMatchObject({ status: 503, body: { status: 'draining' } });
  });
});
