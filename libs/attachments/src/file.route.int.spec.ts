import { request as httpRequest } from 'node:http';
import { fastify, type FastifyInstance } from 'fastify';
import { newId, type AttachmentId, type RunId, type WorkspaceId } from '@millrace/contracts';
import { createLogger } from '@millrace/observability';
import { openDatabase, type Database } from '@millrace/persistence';
import { eventually, useTestDatabase } from '@millrace/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openAttachmentBytes, type AttachmentDrivers } from './attachment-drivers.js';
import { createAttachmentStore, type AttachmentStore } from './attachment-store.js';
import { inPieces, randomBytesOf, sha256Of } from './content.fixture.js';
import { fileRoute } from './file.route.js';
import { createFileUrls, type FileUrls } from './file-urls.js';
import { seedWorkspace } from './rows.fixture.js';
import { startS3Server, type S3Server } from './s3-server.fixture.js';
import { attachmentSettings } from './settings.js';

const testDatabase = useTestDatabase();
const logger = createLogger({ service: 'test', level: 'silent' });
const mebibyte = 1024 * 1024;

describe.each(['postgres', 's3'] as const)('the URLs of files kept in %s', (place) => {
  let database: Database;
  let s3: S3Server;
  let drivers: AttachmentDrivers;
  let app: FastifyInstance;
  let urls: FileUrls;
  let attachments: AttachmentStore;
  let workspaceId: WorkspaceId;
  let nowMs = Date.now();
  /** Streams that the route was given and that still are open. */
  let reading = 0;

  beforeAll(async () => {
    database = await openDatabase({ url: testDatabase.url, applicationName: 'attachments test', poolSize: 2 });
    workspaceId = await seedWorkspace(database);
    s3 = await startS3Server();
    const settings = z.object(attachmentSettings).parse({
      ATTACHMENTS: place,
      S3_ENDPOINT: s3.endpoint,
      S3_BUCKET: s3.bucket,
      S3_REGION: s3.region,
      S3_ACCESS_KEY_ID: s3.key.accessKeyId,
      S3_SECRET_ACCESS_KEY: s3.key.secretAccessKey,
    });
    drivers = openAttachmentBytes(settings, database);
    app = fastify();
    await app.register(fileRoute, {
      logger,
      urls: { check: (...given) => urls.check(...given) },
      attachments: { open: async (id) => watch(await attachments.open(id)) },
    });
    const baseUrl = await app.listen({ port: 0, host: '127.0.0.1' });
    urls = createFileUrls({ baseUrl, keys: [randomBytesOf(32)], ttlMs: 60_000, clock: () => nowMs });
    attachments = createAttachmentStore({ database, bytes: drivers, urls, logger });
  });
  afterAll(async () => {
    await app.close();
    await drivers.close();
    await s3.close();
    await database.close();
  });

  function watch(file: Awaited<ReturnType<AttachmentStore['open']>>): typeof file {
    return (
      file && {
        ...file,
        async read(range) {
          const content = await file.read(range);
          reading += 1;
          content.once('close', () => (reading -= 1));
          return content;
        },
      }
    );
  }
  function store(bytes: Buffer, file: { name?: string; contentType?: string } = {}) {
    const given = { workspaceId, runId: newId<RunId>(), name: 'a.bin', contentType: 'application/pdf', ...file };
    return attachments.store(given, inPieces(bytes));
  }

  it.each([0, 1, 262_144, 6 * mebibyte + 1])('answer the exact %i bytes', async (sizeBytes) => {
    const sent = randomBytesOf(sizeBytes);
    const { url } = await store(sent, { name: 'Grüße "1".pdf' });
    const answer = await fetch(url);
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-length': String(sizeBytes),
      'content-type': 'application/pdf',
      'content-disposition': `attachment; filename="Gr__e _1_.pdf"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%20%221%22.pdf`,
      etag: `"${sha256Of(sent)}"`,
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'",
      'cache-control': 'private, no-store',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(sha256Of(Buffer.from(await answer.arrayBuffer()))).toBe(sha256Of(sent));
    await eventually(() => expect(reading).toBe(0));
  });

  it('answer HEAD with the headers of GET, without reading', async () => {
    const { url } = await store(randomBytesOf(1_000));
    const answer = await fetch(url, { method: 'HEAD' });
    expect([answer.status, answer.headers.get('content-length')]).toEqual([200, '1000']);
    expect((await answer.arrayBuffer()).byteLength).toBe(0);
    expect(reading).toBe(0);
  });

  it('answer ranges', async () => {
    const sent = randomBytesOf(600_000);
    const { url } = await store(sent);
    const ask = async (headers: Record<string, string>) => {
      const answer = await fetch(url, { headers });
      return {
        status: answer.status,
        range: answer.headers.get('content-range'),
        bytes: Buffer.from(await answer.arrayBuffer()),
      };
    };
    const part = await ask({ range: 'bytes=262143-262145' });
    expect(part).toMatchObject({ status: 206, range: 'bytes 262143-262145/600000' });
    expect(part.bytes.equals(sent.subarray(262_143, 262_146))).toBe(true);
    expect((await ask({ range: 'bytes=-5' })).bytes.equals(sent.subarray(-5))).toBe(true);
    expect(await ask({ range: 'bytes=600000-' })).toMatchObject({ status: 416, range: 'bytes */600000' });
    expect((await ask({ range: 'bytes=0-1,3-4' })).bytes).toHaveLength(600_000);
    const etag = `"${sha256Of(sent)}"`;
    expect((await ask({ range: 'bytes=0-1', 'if-range': etag })).status).toBe(206);
    expect((await ask({ range: 'bytes=0-1', 'if-range': '"another"' })).status).toBe(200);
    expect((await ask({ 'if-none-match': `"another", W/${etag}` })).status).toBe(304);
  });

  it('refuse what was changed, is over or is gone, and say which', async () => {
    const { url, id } = await store(randomBytesOf(10));
    const ask = async (address: string) => {
      const answer = await fetch(address);
      const { code } = (await answer.json()) as { code: string };
      return [answer.status, code, answer.headers.get('cache-control')];
    };
    const noStore = 'private, no-store';
    expect(await ask(url.replace(/.$/, (last) => (last === 'A' ? 'E' : 'A')))).toEqual([
      403,
      'wrong_signature',
      noStore,
    ]);
    expect(await ask(url.split('?')[0]!)).toEqual([403, 'wrong_signature', noStore]);
    expect(await ask(url.replace(id, newId()))).toEqual([403, 'wrong_signature', noStore]);
    expect(await ask(urls.sign(newId()))).toEqual([404, 'not_found', noStore]);
    expect(await ask(urls.sign('no-uuid' as AttachmentId))).toEqual([404, 'not_found', noStore]);
    nowMs += 61_000;
    expect(await ask(url)).toEqual([410, 'link_expired', noStore]);
    await attachments.discard([id as AttachmentId]);
    expect(await ask(urls.sign(id as AttachmentId))).toEqual([404, 'not_found', noStore]);
  });

  it('say 503 while the bytes cannot be reached, and 404 when they are lost', async () => {
    const { url, id } = await store(randomBytesOf(10));
    if (place === 's3') {
      s3.interfere(() => ({ status: 403, code: 'AccessDenied' }));
      const answer = await fetch(url);
      s3.interfere(undefined);
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
      expect(await answer.text()).not.toContain(s3.bucket);
    }
    await drivers.of(place).remove(id as AttachmentId);
    expect((await fetch(url)).status).toBe(404);
  });

  it('answer names and types that a header cannot hold', async () => {
    const { url } = await store(randomBytesOf(1), { name: 'a\r\nb', contentType: 'text/html\r\nx: y' });
    const { headers } = await fetch(url);
    expect(headers.get('content-type')).toBe('application/octet-stream');
    expect(headers.get('content-disposition')).toContain('filename="a__b"');
  });

  it('stop reading when the caller goes away, and serve the next', async () => {
    const sent = randomBytesOf(24 * mebibyte);
    const { url } = await store(sent);
    await Promise.all([1, 2, 3, 4].map(() => leaveEarly(url)));
    await eventually(() => expect(reading).toBe(0));
    const answer = await fetch(url);
    expect(sha256Of(Buffer.from(await answer.arrayBuffer()))).toBe(sha256Of(sent));
  });
});

/** Begins to read an answer and hangs up. */
function leaveEarly(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, (answer) => {
      answer.once('data', () => {
        answer.destroy();
        resolve();
      });
    });
    request.on('error', reject).end();
  });
}
