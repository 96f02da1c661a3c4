import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { multipartBody, type Part } from './multipart.js';

async function bytesOf(
  parts: readonly Part[],
): Promise<{ bytes: Buffer; boundary: string; length: number | undefined }> {
  const { content, boundary, length } = multipartBody(parts);
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return { bytes: Buffer.concat(chunks), boundary, length };
}

async function formOf(parts: readonly Part[]): Promise<FormData> {
  const { bytes, boundary } = await bytesOf(parts);
  const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` };
  return new Response(Uint8Array.from(bytes), { headers }).formData();
}

// All characters of Latin-1, among them those that end lines.
const anyText = fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1'));
const anyName = fc.uint8Array({ minLength: 1 }).map((bytes) => Buffer.from(bytes).toString('latin1'));

describe('a multipart body', () => {
  it('holds what was put in, and says how long it is', async () => {
    const part = fc.oneof(
      fc.record({ name: anyName, value: anyText }),
      fc.record({
        name: anyName,
        filename: anyName,
        content: fc.uint8Array(),
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1 }), async (parts) => {
        const { bytes, length } = await bytesOf(parts);
        expect(length).toBe(bytes.length);
        const entries = [...(await formOf(parts)).values()];
        expect(entries).toHaveLength(parts.length);
        for (const [index, one] of parts.entries()) {
          const got = entries[index];
          if ('value' in one) expect(Buffer.from(got as string)).toEqual(Buffer.from(one.value));
          else expect(new Uint8Array(await (got as File).arrayBuffer())).toEqual(one.content);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('lets no name or type end its line or its quotes', async () => {
    const { bytes } = await bytesOf([
      {
        name: 'a"\r\nx: y',
        filename: '"; z="\r\n\r\n',
        contentType: 'text/plain\r\nevil: 1',
        content: Buffer.from('c'),
      },
    ]);
    const head = bytes.toString().split('\r\n\r\n')[0]?.split('\r\n').slice(1);
    expect(head).toEqual([
      'content-disposition: form-data; name="a%22%0D%0Ax: y"; filename="%22; z=%22%0D%0A%0D%0A"',
      'content-type: text/plainevil: 1',
    ]);
  });

  it('has no length when the size of a file is not known', () => {
    async function* content(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('x');
    }
    expect(multipartBody([{ name: 'a', filename: 'a', content: content() }]).length).toBeUndefined();
  });
});
