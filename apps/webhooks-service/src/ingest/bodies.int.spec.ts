import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { FileReference } from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import { publicUrl, useWebhooksService, type SeededHook } from '../webhooks-service.fixture.js';

const maxBodyBytes = 10_000;
const hooks = useWebhooksService({ env: { MAX_BODY_BYTES: String(maxBodyBytes), MAX_FILE_BYTES: '3000000' } });

/** What the URL of a file answers. */
async function download({ url }: FileReference): Promise<Buffer> {
  expect(url.startsWith(`${publicUrl}/files/`)).toBe(true);
  const answer = await fetch(hooks.url(url.slice(publicUrl.length)));
  expect(answer.status).toBe(200);
  return Buffer.from(await answer.arrayBuffer());
}

async function attachmentCount({ workspaceId }: SeededHook): Promise<number> {
  const text = 'select count(*) from attachment where workspace_id = $1';
  return Number((await hooks.query<{ count: string }>(text, [workspaceId]))[0]?.count);
}

describe('the body of a call', () => {
  it.each([
    ['application/json', '[1, "two"]', [1, 'two']],
    ['application/cloudevents+json; charset=utf-8', '{"a":1}', { a: 1 }],
    ['application/x-www-form-urlencoded', 'name=Gromit&tag=a&tag=b', { name: 'Gromit', tag: ['a', 'b'] }],
  ])('of %s becomes the output', async (contentType, body, output) => {
    const flow = await hooks.seed();
    expect((await hooks.post(flow.flowId, body, { 'content-type': contentType })).status).toBe(200);
    expect(await hooks.output()).toEqual(output);
  });

  it.each([
    ['CSV', 'text/csv', 'name,status\nGromit,Sold\n', 'Gromit'],
    ['XML', 'application/xml', '<pet id="7"><name>Gromit</name></pet>', 'Gromit'],
    ['text', 'text/plain; charset=iso-8859-1', Buffer.from('Grömit', 'latin1'), 'Grömit'],
  ])('of %s is not answered 200 and lost: the run gets what it says', async (_what, contentType, body, word) => {
    const flow = await hooks.seed();
    expect((await hooks.post(flow.flowId, body, { 'content-type': contentType })).status).toBe(200);
    expect(JSON.stringify(await hooks.output())).toContain(word);
  });

  it('that is a file is stored with its exact bytes and reaches the run as a reference', async () => {
    const flow = await hooks.seed();
    const bytes = randomBytes(2_500_000);
    const headers = { 'content-type': 'image/png', 'content-disposition': 'attachment; filename="cat.png"' };
    expect((await hooks.post(flow.flowId, bytes, headers)).status).toBe(200);
    const { file } = (await hooks.output()) as unknown as { file: FileReference };
    expect(file).toMatchObject({ name: 'cat.png', contentType: 'image/png', size: bytes.length });
    expect((await download(file)).equals(bytes)).toBe(true);
    const [row] = await hooks.query<{ run_id: string; sha256: Buffer }>('select run_id, sha256 from attachment');
    expect(row?.run_id).toBe((await hooks.triggers(1))[0]?.runId);
    expect(row?.sha256.equals(createHash('sha256').update(bytes).digest())).toBe(true);
  });

  it('of multipart is stored, not lost: fields as values, files with their exact bytes', async () => {
    const flow = await hooks.seed();
    const [one, two] = [randomBytes(300_000), randomBytes(10)];
    const form = new FormData();
    form.append('petname', 'Gromit');
    form.append('photo', new Blob([one], { type: 'image/jpeg' }), 'photo.jpg');
    form.append('note', new Blob([two], { type: 'application/pdf' }), 'note.pdf');
    expect((await hooks.hook(flow.flowId, { method: 'POST', body: form })).status).toBe(200);
    const output = (await hooks.output()) as unknown as { petname: string; photo: FileReference; note: FileReference };
    expect(output.petname).toBe('Gromit');
    expect((await download(output.photo)).equals(one)).toBe(true);
    expect((await download(output.note)).equals(two)).toBe(true);
  });

  it('is kept as it was sent where the flow asks for it', async () => {
    const flow = await hooks.seed({ config: { keepRawBody: true } });
    const sent = gzipSync('{ "a": 1 }');
    expect((await hooks.post(flow.flowId, sent, { 'content-encoding': 'gzip' })).status).toBe(200);
    const [trigger] = await hooks.triggers(1);
    expect(trigger?.request.rawBodyBytes).toBe(sent.length);
    expect(trigger?.body.subarray(-sent.length).equals(sent)).toBe(true);
    expect(await hooks.output()).toEqual({ a: 1 });
  });
});

describe('a body that cannot be taken', () => {
  const jsonAnd = (more: Record<string, string> = {}) => ({ 'content-type': 'application/json', ...more });
  it.each([
    {
      what: 'broken JSON',
      body: '{"a": 1,\n "b" 2}',
      headers: jsonAnd(),
      status: 400,
      expected: { code: 'invalid_body', line: 2, column: 6 },
    },
    {
      what: 'a key that changes prototypes',
      body: '{"__proto__": {}}',
      headers: jsonAnd(),
      status: 400,
      expected: { code: 'invalid_body' },
    },
    {
      what: 'JSON that nests 9,000 deep',
      body: '['.repeat(9_000),
      headers: jsonAnd(),
      status: 400,
      expected: { code: 'invalid_body' },
    },
    {
      what: 'a document type',
      body: '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
      headers: { 'content-type': 'text/xml' },
      status: 400,
      expected: { code: 'invalid_body' },
    },
    {
      what: 'a content type that cannot be read',
      body: 'a',
      headers: { 'content-type': 'text csv' },
      status: 415,
      expected: { code: 'unsupported_media_type' },
    },
    {
      what: 'an unknown encoding',
      body: 'a',
      headers: jsonAnd({ 'content-encoding': 'zip' }),
      status: 415,
      expected: { code: 'unsupported_encoding' },
    },
    {
      what: 'JSON over the limit',
      body: 'x'.repeat(maxBodyBytes + 1),
      headers: jsonAnd(),
      status: 413,
      expected: { code: 'body_too_large', limitBytes: maxBodyBytes },
    },
    {
      what: 'a bomb',
      body: gzipSync(Buffer.alloc(1_000_000)),
      headers: jsonAnd({ 'content-encoding': 'gzip' }),
      status: 413,
      expected: { code: 'body_too_large' },
    },
  ])('for $what is refused with the reason', async ({ body, headers, status, expected }) => {
    const flow = await hooks.seed();
    const answer = await hooks.post(flow.flowId, body, headers);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ ...expected, message: expect.any(String) as string });
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect((await hooks.post(flow.flowId, '{}')).status).toBe(200);
    expect(await hooks.triggers(1)).toHaveLength(1);
  });

  it('of XML does not escape the size limit', async () => {
    const flow = await hooks.seed();
    const body = `<a>${'x'.repeat(maxBodyBytes)}</a>`;
    const answer = await hooks.post(flow.flowId, body, { 'content-type': 'application/xml' });
    expect(answer.status).toBe(413);
  });

  it('for growing over the limit without a length is cut off with 413', async () => {
    const flow = await hooks.seed();
    const chunk = `${(5000).toString(16)}\r\n${' '.repeat(5000)}\r\n`;
    const said = await hooks.raw(
      `POST /hook/${flow.flowId} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n${chunk.repeat(3)}`,
    );
    expect(said).toMatch(/^HTTP\/1.1 413 /);
    expect(said).toContain('connection: close');
  });

  it('for a file over the limit leaves no file behind', async () => {
    const flow = await hooks.seed();
    const chunk = `${(65_536).toString(16)}\r\n${' '.repeat(65_536)}\r\n`;
    const said = await hooks.raw(
      `POST /hook/${flow.flowId} HTTP/1.1\r\nhost: x\r\ncontent-type: image/png\r\ntransfer-encoding: chunked\r\n\r\n${chunk.repeat(70)}`,
    );
    expect(said).toMatch(/^HTTP\/1.1 413 /);
    expect(await attachmentCount(flow)).toBe(0);
  });

  it('for a truncated multipart leaves the files before it not behind', async () => {
    const flow = await hooks.seed();
    const body =
      '--b\r\ncontent-disposition: form-data; name="a"; filename="a.bin"\r\n\r\nbytes\r\n--b\r\ncontent-disposition: form';
    const answer = await hooks.post(flow.flowId, body, { 'content-type': 'multipart/form-data; boundary=b' });
    expect(answer.status).toBe(400);
    expect(await attachmentCount(flow)).toBe(0);
  });

  it('for the broker being away leaves no file behind', async () => {
    const flow = await hooks.seed();
    hooks.proxy.refuse();
    hooks.proxy.cut();
    const answer = await hooks.post(flow.flowId, randomBytes(1_000), { 'content-type': 'image/png' });
    expect(answer.status).toBe(503);
    expect(await attachmentCount(flow)).toBe(0);
  });

  it('for a file over the limit of bodies is refused with the reason where the credential needs the body whole', async () => {
    const secret = 'ab'.repeat(32);
    const flow = await hooks.seed({ fields: { type: 'hmac', preset: 'discord', secret } });
    const answer = await hooks.post(flow.flowId, 'x'.repeat(maxBodyBytes + 1), { 'content-type': 'image/png' });
    expect([answer.status, await answer.json()]).toMatchObject([
      413,
      { limitBytes: maxBodyBytes, message: expect.stringContaining('that of files, too') as string },
    ]);
    const json = await hooks.post(flow.flowId, 'x'.repeat(maxBodyBytes + 1));
    expect(((await json.json()) as { message: string }).message).not.toContain('files');
  });
});
