import { createHash, createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { connect } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { FileReference, JsonObject } from '@millrace/contracts';
import { eventually } from '@millrace/testing';
import { describe, expect, it } from 'vitest';
import { publicUrl, useWebhooksService, type SeededHook } from '../webhooks-service.fixture.js';

const maxBodyBytes = 100_000;
const hooks = useWebhooksService({ env: { MAX_BODY_BYTES: String(maxBodyBytes), MAX_FILE_BYTES: '50000000' } });

const secret = 'it is a secret';
const github = { type: 'hmac', preset: 'github', secret } satisfies JsonObject;
const binary = { 'content-type': 'application/octet-stream' };
const form = { 'content-type': 'multipart/form-data; boundary=b' };

const signed = (body: Buffer, key = secret) => ({
  'x-hub-signature-256': `sha256=${createHmac('sha256', key).update(body).digest('hex')}`,
});
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

function multipart(files: Record<string, Buffer>): Buffer {
  const parts = Object.entries(files).flatMap(([name, bytes]) => [
    Buffer.from(`--b\r\ncontent-disposition: form-data; name="${name}"; filename="${name}.bin"\r\n\r\n`),
    bytes,
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...parts, Buffer.from('--b--\r\n')]);
}

/** What the URL of a file answers. */
async function download({ url }: FileReference): Promise<Buffer> {
  const answer = await fetch(hooks.url(url.slice(publicUrl.length)));
  expect(answer.status).toBe(200);
  return Buffer.from(await answer.arrayBuffer());
}

/** Rows of the files of a flow, and their pieces. */
async function kept({ workspaceId }: SeededHook): Promise<{ files: number; chunks: number }> {
  const text = `
select count(*)::int as files,
  (select count(*)::int from attachment_chunk
   where attachment_id in (select id from attachment where workspace_id = $1)
     or not exists (select from attachment where id = attachment_id)) as chunks
from attachment where workspace_id = $1`;
  const [row] = await hooks.query<{ files: number; chunks: number }>(text, [workspaceId]);
  return row ?? { files: -1, chunks: -1 };
}

const nothing = { files: 0, chunks: 0 };
const output = async <Output>() => (await hooks.output()) as unknown as Output;

describe('a signed file far larger than other bodies', () => {
  it('is taken with its exact bytes, and with a wrong signature answered 401 and nothing of it is left', async () => {
    const flow = await hooks.seed({ fields: github });
    const bytes = randomBytes(40_000_000);
    const wrong = await hooks.post(flow.flowId, bytes, { ...binary, ...signed(bytes, 'another secret') });
    expect([wrong.status, await wrong.json()]).toMatchObject([401, { code: 'unauthorized' }]);
    expect(await kept(flow)).toEqual(nothing);

    expect((await hooks.post(flow.flowId, bytes, { ...binary, ...signed(bytes) })).status).toBe(200);
    const { file } = await output<{ file: FileReference }>();
    expect(file.size).toBe(bytes.length);
    expect(sha256(await download(file))).toBe(sha256(bytes));
    expect(hooks.received).toHaveLength(1);
  });

  it('is taken under either of two secrets during a rotation, and under no third', async () => {
    const flow = await hooks.seed({ fields: { ...github, previousSecret: 'the one before' } });
    const bytes = randomBytes(300_000);
    for (const [key, status] of [
      [secret, 200],
      ['the one before', 200],
      ['another', 401],
    ] as const) {
      expect((await hooks.post(flow.flowId, bytes, { ...binary, ...signed(bytes, key) })).status).toBe(status);
    }
    expect((await kept(flow)).files).toBe(2);
  });

  it('is signed as it was sent, before its encoding is undone', async () => {
    const flow = await hooks.seed({ fields: github });
    const bytes = randomBytes(300_000);
    const sent = gzipSync(bytes);
    const headers = { ...binary, 'content-encoding': 'gzip' };
    expect((await hooks.post(flow.flowId, sent, { ...headers, ...signed(bytes) })).status).toBe(401);
    expect((await hooks.post(flow.flowId, sent, { ...headers, ...signed(sent) })).status).toBe(200);
    const { file } = await output<{ file: FileReference }>();
    expect((await download(file)).equals(bytes)).toBe(true);
  });

  it('is recorded with the hash of its body when it is refused', async () => {
    const flow = await hooks.seed({ fields: github });
    const bytes = randomBytes(300_000);
    await hooks.post(flow.flowId, bytes, { ...binary, ...signed(bytes, 'another secret') });
    await eventually(async () => {
      const text = 'select status, body_bytes, body_sha256 from rejected_request where flow_id = $1';
      const [row] = await hooks.query<{ status: number; body_bytes: number; body_sha256: Buffer }>(text, [flow.flowId]);
      expect([row?.status, Number(row?.body_bytes)]).toEqual([401, bytes.length]);
      expect(row?.body_sha256.toString('hex')).toBe(sha256(bytes));
    });
  });

  it('is refused before it is sent when its head has no signature', async () => {
    const flow = await hooks.seed({ fields: github });
    const head = `POST /hook/${flow.flowId} HTTP/1.1\r\nhost: x\r\ncontent-type: image/png\r\ncontent-length: 40000000\r\n`;
    expect(await hooks.raw(`${head}\r\nx`)).toMatch(/^HTTP\/1.1 401 /);
    expect(await hooks.raw(`${head}expect: 100-continue\r\n\r\n`)).toMatch(/^HTTP\/1.1 401 /);
    expect(await kept(flow)).toEqual(nothing);
  });

  it('is limited as other bodies where the signature is Ed25519, which needs it whole', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const key = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');
    const flow = await hooks.seed({ fields: { type: 'hmac', preset: 'discord', secret: key } });
    const send = (bytes: Buffer) => {
      const timestamp = String(Math.floor(Date.now() / 1000));
      const signature = sign(null, Buffer.concat([Buffer.from(timestamp), bytes]), privateKey).toString('hex');
      return hooks.post(flow.flowId, bytes, {
        ...binary,
        'x-signature-timestamp': timestamp,
        'x-signature-ed25519': signature,
      });
    };
    const bytes = randomBytes(maxBodyBytes);
    expect((await send(bytes)).status).toBe(200);
    const { file } = await output<{ file: FileReference }>();
    expect((await download(file)).equals(bytes)).toBe(true);
    expect((await send(randomBytes(maxBodyBytes + 1))).status).toBe(413);
  });
});

describe('a signed form with files', () => {
  it('is taken with the exact bytes of each, and with a wrong signature nothing of it is left', async () => {
    const flow = await hooks.seed({ fields: github });
    const files = { one: randomBytes(2_000_000), two: randomBytes(700_000) };
    const body = multipart(files);
    expect((await hooks.post(flow.flowId, body, { ...form, ...signed(body, 'another') })).status).toBe(401);
    expect(await kept(flow)).toEqual(nothing);
    expect((await hooks.post(flow.flowId, body, { ...form, ...signed(body) })).status).toBe(200);
    const { one, two } = await output<{ one: FileReference; two: FileReference }>();
    expect((await download(one)).equals(files.one)).toBe(true);
    expect((await download(two)).equals(files.two)).toBe(true);
  });

  it.each([
    {
      what: 'that breaks off between its files',
      body: multipart({ one: randomBytes(300_000) }).subarray(0, -6),
      headers: form,
      status: 400,
    },
    {
      what: 'whose first part is broken, long before its end',
      body: Buffer.concat([Buffer.from('--b\r\nbroken\r\n\r\n'), randomBytes(2_000_000)]),
      headers: form,
      status: 400,
    },
    {
      what: 'in an unknown encoding',
      body: randomBytes(300_000),
      headers: { ...form, 'content-encoding': 'zip' },
      status: 415,
    },
    {
      what: 'that is a bomb',
      body: brotliCompressSync(Buffer.alloc(60_000_000)),
      headers: { ...binary, 'content-encoding': 'br' },
      status: 413,
    },
  ])('$what: a caller without the secret learns nothing of that', async ({ body, headers, status }) => {
    const flow = await hooks.seed({ fields: github });
    const wrong = await hooks.post(flow.flowId, body, { ...headers, ...signed(body, 'another') });
    expect([wrong.status, await wrong.json()]).toMatchObject([401, { code: 'unauthorized' }]);
    expect((await hooks.post(flow.flowId, body, { ...headers, ...signed(body) })).status).toBe(status);
    expect(await kept(flow)).toEqual(nothing);
  });
});

describe('the raw body of files, where the flow keeps it', () => {
  const keepRawBody = { keepRawBody: true };
  const rawFile = async (): Promise<FileReference> => {
    const { rawBodyFile, rawBodyBytes } = (await hooks.triggers(1)).at(-1)?.request ?? {};
    expect(rawBodyBytes).toBeUndefined();
    if (!rawBodyFile) throw new Error('no raw body');
    return rawBodyFile;
  };

  it('is the file itself, stored once, whatever its size', async () => {
    const flow = await hooks.seed({ fields: github, config: keepRawBody });
    const bytes = randomBytes(20_000_000);
    expect((await hooks.post(flow.flowId, bytes, { ...binary, ...signed(bytes) })).status).toBe(200);
    const { file } = await output<{ file: FileReference }>();
    expect(await rawFile()).toEqual(file);
    expect(sha256(await download(file))).toBe(sha256(bytes));
    expect((await kept(flow)).files).toBe(1);
  });

  it.each([
    { what: 'a form', body: multipart({ one: randomBytes(2_000_000) }), headers: form, fields: github },
    {
      what: 'an encoded file',
      body: gzipSync(randomBytes(2_000_000)),
      headers: { ...binary, 'content-encoding': 'gzip' },
      fields: { type: 'none' },
    },
  ])('of $what is a file of its own', async ({ body, headers, fields }) => {
    const flow = await hooks.seed({ fields, config: keepRawBody });
    expect((await hooks.post(flow.flowId, body, { ...headers, ...signed(body) })).status).toBe(200);
    const raw = await rawFile();
    expect(raw).toMatchObject({ name: 'body', contentType: headers['content-type'], size: body.length });
    expect((await download(raw)).equals(body)).toBe(true);
    expect((await kept(flow)).files).toBe(2);
  });

  it('is not left behind when the call is refused', async () => {
    const flow = await hooks.seed({ fields: github, config: keepRawBody });
    const body = multipart({ one: randomBytes(700_000) });
    expect((await hooks.post(flow.flowId, body, { ...form, ...signed(body, 'another') })).status).toBe(401);
    const broken = body.subarray(0, -6);
    expect((await hooks.post(flow.flowId, broken, { ...form, ...signed(broken) })).status).toBe(400);
    expect(await kept(flow)).toEqual(nothing);
  });
});

describe('a caller who leaves while a signed file comes in', () => {
  it('leaves nothing behind', async () => {
    const flow = await hooks.seed({ fields: github, config: { keepRawBody: true } });
    const head = `POST /hook/${flow.flowId} HTTP/1.1\r\nhost: x\r\ncontent-type: multipart/form-data; boundary=b\r\n`;
    const more = `content-length: 5000000\r\nx-hub-signature-256: sha256=${'0'.repeat(64)}\r\n\r\n`;
    const part = '--b\r\ncontent-disposition: form-data; name="a"; filename="a"\r\n\r\n';
    const socket = connect(hooks.port, '127.0.0.1').on('error', () => undefined);
    socket.write(head + more + part + 'x'.repeat(600_000));
    await eventually(async () => expect((await kept(flow)).files).toBe(2));
    socket.destroy();
    await eventually(async () => expect(await kept(flow)).toEqual(nothing));
  });
});
