import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useApi } from '../../test/api.fixture.js';
import { consolePolicy, consoleRoute } from './console.route.js';
import { openApiDocument } from './openapi.js';

const test = useApi();
const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const script = 'export const built = true;\n'.repeat(100);

async function served(folder: string): Promise<FastifyInstance> {
  const server = fastify();
  await server.register(consoleRoute, { folder });
  return server;
}

describe('the console', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-console-'));
  let server: FastifyInstance;
  beforeAll(async () => {
    mkdirSync(path.join(folder, 'assets'));
    writeFileSync(path.join(folder, 'index.html'), '<title>Millrace</title>');
    writeFileSync(path.join(folder, 'assets/index-abc.js'), script);
    writeFileSync(path.join(folder, 'assets/index-abc.js.gz'), gzipSync(script));
    writeFileSync(path.join(folder, 'secret.txt'), 'not for everyone');
    server = await served(folder);
  });
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  it.each(['/', '/flows', '/runs/0199?status=failed', '/flows/a.b'])('is served at %s to a browser', async (url) => {
    const answer = await server.inject({ url, headers: html });
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toBe('<title>Millrace</title>');
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': consolePolicy,
      'cache-control': 'no-cache',
    });
  });

  it.each(['/v1/nothing', '/v1', '/health/nothing', '/component/files', '/hook/x', '/assets/gone.js'])(
    'is not served at %s',
    async (url) => {
      expect((await server.inject({ url, headers: html })).statusCode).toBe(404);
    },
  );

  it('is served only to those who ask for a page', async () => {
    expect((await server.inject({ url: '/flows', headers: { accept: 'application/json' } })).statusCode).toBe(404);
    expect((await server.inject({ url: '/flows' })).statusCode).toBe(404);
  });

  it('has files that are kept for ever, and comes compressed', async () => {
    const plain = await server.inject({ url: '/assets/index-abc.js' });
    expect(plain.body).toBe(script);
    expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    const small = await server.inject({ url: '/assets/index-abc.js', headers: { 'accept-encoding': 'gzip' } });
    expect(small.headers).toMatchObject({ 'content-encoding': 'gzip', 'content-type': /javascript/ });
    expect(small.rawPayload.length).toBeLessThan(script.length / 2);
  });

  it.each(['/assets/../secret.txt', '/assets/%2e%2e/secret.txt', '/assets/..%2fsecret.txt', '/secret.txt'])(
    'gives nothing of its folder away: %s',
    async (url) => {
      const answer = await server.inject({ url });
      expect([403, 404]).toContain(answer.statusCode);
      expect(answer.body).not.toContain('not for everyone');
    },
  );
});

it('a control plane without a built console says how to build it', async () => {
  const server = await served(path.join(tmpdir(), 'millrace-console-nowhere'));
  const answer = await server.inject({ url: '/', headers: html });
  await server.close();
  expect(answer.statusCode).toBe(200);
  expect(answer.body).toContain('npm run build -w @millrace/console');
});

it('addresses of the control plane that do not exist are problems, even for a browser', async () => {
  const answer = await test.anonymous().get('/v1/nothing').set(html).expect(404);
  expect(answer.headers['content-type']).toContain('application/problem+json');
});

it('the files of the console may be kept, unlike what the control plane answers', async () => {
  const { headers } = await test.anonymous().get('/').set(html).expect(200);
  expect(headers['content-security-policy']).toBe(consolePolicy);
  expect(headers['cache-control']).toBe('no-cache');
});

it('the types of the routes that the console is compiled against are current', () => {
  const document = JSON.stringify(openApiDocument(test.api.app));
  const hash = createHash('sha256').update(document).digest('hex');
  const file = path.resolve(import.meta.dirname, '../../../console/src/api/schema.generated.ts');
  const [head = ''] = readFileSync(file, 'utf8').split('\n', 1);
  expect(head, 'write them again: npm run schema').toContain(hash);
});
