import { Busboy } from '@fastify/busboy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BodyAborted } from './body-error.js';
import { inPieces, memorySink, pieceSizes, trickyBytes, watchedSource } from './streams.fixture.js';
import { readStreamed } from './streamed.js';

const type = 'multipart/form-data; boundary=bound';
const limits = { maxBodyBytes: 100_000, maxFileBytes: 1_000_000 };

async function read(body: Buffer | string, { contentType = type, sizes = [64_000], overrides = {} } = {}) {
  const files = memorySink();
  const result = await readStreamed('multipart', contentType, inPieces(Buffer.from(body), sizes), {
    limits: { ...limits, ...overrides },
    files,
  });
  const value = result.ok ? (JSON.parse(result.json.toString()) as unknown) : undefined;
  return { value, fault: result.ok ? undefined : result.fault, stored: files.stored };
}

function part(disposition: string, content: Buffer | string, ...headers: string[]): Buffer {
  const head = [`Content-Disposition: form-data; ${disposition}`, ...headers].join('\r\n');
  return Buffer.concat([Buffer.from(`--bound\r\n${head}\r\n\r\n`), Buffer.from(content), Buffer.from('\r\n')]);
}

function multipart(...parts: Buffer[]): Buffer {
  return Buffer.concat([...parts, Buffer.from('--bound--\r\n')]);
}

describe('a multipart body', () => {
  it('has its fields as text and its files as references to their exact bytes, in whatever pieces it comes', async () => {
    const content = trickyBytes.filter((bytes) => !`\r\n${bytes.toString('latin1')}`.includes('\r\n--bound'));
    await fc.assert(
      fc.asyncProperty(fc.array(content, { maxLength: 4 }), fc.string(), pieceSizes, async (files, text, sizes) => {
        fc.pre(!`\r\n${text}`.includes('\r\n--bound'));
        const body = multipart(
          part('name="note"', text),
          ...files.map((bytes, at) =>
            part(`name="file${at}"; filename="f${at}.bin"`, bytes, 'Content-Type: image/png'),
          ),
        );
        const { value, stored } = await read(body, { sizes });
        expect(stored.map(({ bytes }) => bytes)).toEqual(files);
        expect(value).toMatchObject({
          note: text,
          ...Object.fromEntries(files.map(({ length }, at) => [`file${at}`, { name: `f${at}.bin`, size: length }])),
        });
      }),
    );
  });

  it('has each header read once, however many spaces are before what breaks it', async () => {
    const spaces = ' '.repeat(15_000);
    const begun = performance.now();
    for (const header of [`X-A:${spaces}\0`, `Content-Type: a/b; x=${spaces}"`]) {
      const { fault } = await read(multipart(part('name="a"', 'b', header)));
      expect(fault).toMatchObject({ code: 'invalid_body' });
    }
    expect((await read(multipart(part(`name=${spaces}"`, 'b')))).fault).toMatchObject({ code: 'invalid_body' });
    expect(performance.now() - begun).toBeLessThan(150);
  });

  it('is read as browsers write it', async () => {
    const form = new FormData();
    form.append('tag', 'a "quoted" näme\r\nin two lines');
    form.append('tag', 'b');
    form.append('päper', new File([Buffer.from([0, 255, 13, 10])], 'naïve €.pdf', { type: 'application/pdf' }));
    form.append('tag', new Blob(['blob']));
    const response = new Response(form);
    const contentType = response.headers.get('content-type') ?? '';
    const { value, stored } = await read(Buffer.from(await response.arrayBuffer()), { contentType });
    expect(value).toEqual({
      tag: ['a "quoted" näme\r\nin two lines', 'b', expect.objectContaining({ name: 'blob', size: 4 })],
      päper: {
        id: 'f',
        name: 'naïve €.pdf',
        contentType: 'application/pdf',
        size: 4,
        url: expect.any(String) as string,
      },
    });
    expect(stored[0]?.bytes).toEqual(Buffer.from([0, 255, 13, 10]));
  });

  it('says what an independent reader finds in it', async () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'b', 'é', ' ', '.'), minLength: 1, maxLength: 5 });
    const parts = fc.uniqueArray(fc.tuple(name, trickyBytes, fc.boolean()), { maxLength: 5, selector: ([key]) => key });
    await fc.assert(
      fc.asyncProperty(parts, async (list) => {
        const bodies = list.map(([key, bytes, isFile]) => {
          const text = bytes
            .toString('latin1')
            .replaceAll('bound', 'other')
            .replaceAll(/[^\0-\x7f]/g, '?');
          return part(`name="${key}"${isFile ? '; filename="f"' : ''}`, text);
        });
        const body = multipart(...bodies);
        const found = new Map<string, string>();
        await new Promise((resolve, reject) => {
          const busboy = new Busboy({ headers: { 'content-type': type } });
          busboy.on('field', (key, value) => found.set(key, value));
          busboy.on('file', (key, stream) => {
            const chunks: Buffer[] = [];
            stream.on('data', (chunk: Buffer) => chunks.push(chunk));
            stream.on('end', () => found.set(key, Buffer.concat(chunks).toString()));
          });
          busboy.on('finish', () => resolve(undefined));
          busboy.on('error', reject);
          busboy.end(body);
        });
        const { value, stored } = await read(body);
        const names = Object.entries(value as object).map(([key, entry]: [string, unknown]) =>
          typeof entry === 'string' ? ([key, entry] as const) : ([key, stored.shift()?.bytes.toString()] as const),
        );
        expect(Object.fromEntries(names)).toEqual(Object.fromEntries(found));
      }),
    );
  });

  it.each([
    ['no parts', '--bound--', {}],
    [
      'a preamble, padding and an epilogue',
      'hi\r\n--bound \t\r\nContent-Disposition:form-data;name=a\r\n\r\n1\r\n--bound--x',
      { a: '1' },
    ],
    ['an empty field', multipart(part('name="a"', '')), { a: '' }],
    [
      'an empty field without its line end',
      multipart(Buffer.from('--bound\r\nContent-Disposition: form-data; name=a\r\n\r\n'), part('name=b', '1')),
      { a: '', b: '1' },
    ],
    [
      'a name that is empty or means something elsewhere',
      multipart(part('name=""', '1'), part('name=constructor', '2')),
      { '': '1', constructor: '2' },
    ],
    ['a JSON field', multipart(part('name=a', '{"b":1}', 'content-type: application/json')), { a: '{"b":1}' }],
    ['folded headers', multipart(part('\r\n name="a"', '1', 'X-Long: 1')), { a: '1' }],
    [
      'a field in its charset',
      multipart(part('name=a', Buffer.from([0xe9]), 'Content-Type: text/plain; charset=iso-8859-1')),
      { a: 'é' },
    ],
  ])('with %s is taken', async (_what, body, expected) => {
    expect((await read(body)).value).toEqual(expected);
  });

  it('has a file where a part has a file name or a type that is no text', async () => {
    const { stored, value } = await read(
      multipart(
        part('name=a; filename=""', ''),
        part('name=b', 'x', 'Content-Type: image/png'),
        part('name=c; filename="../c\u0001.txt"; filename*=UTF-8\'\'%E2%82%AC.txt', 'x', 'Content-Type: text/plain'),
        part('name=c; filename="C:\\dir\\d.txt"', 'y', 'Content-Type: text/plain; charset=utf-16'),
      ),
    );
    expect(stored).toMatchObject([
      { name: 'file', contentType: 'application/octet-stream' },
      { name: 'file', contentType: 'image/png' },
      { name: '€.txt', contentType: 'text/plain' },
      { name: 'd.txt', contentType: 'text/plain; charset=utf-16' },
    ]);
    expect(value).toMatchObject({ c: [{ name: '€.txt' }, { name: 'd.txt' }] });
  });

  it.each([
    ['nothing in it', ''],
    ['no boundary in it', 'a=1&b=2'],
    ['a part without headers', '--bound\r\n\r\nx\r\n--bound--'],
    ['a part without a disposition', '--bound\r\nContent-Type: text/plain\r\n\r\nx\r\n--bound--'],
    ['a part that is an attachment', '--bound\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--bound--'],
    ['a part without a name', multipart(part('filename=a', 'x'))],
    ['a part with a broken header', multipart(part('name=a', 'x', 'nonsense'))],
    ['a part with a line break in its name', multipart(part('name="a\nb"', 'x'))],
    ['a part with two dispositions', multipart(part('name=a', 'x', 'Content-Disposition: form-data; name=b'))],
    ['a part with two names', multipart(part('name=a; name=b', 'x'))],
    [
      'a part whose headers end at a boundary',
      '--bound\r\nContent-Disposition: form-data; name=a\r\n--bound--\r\n\r\n',
    ],
    ['a part with a broken type', multipart(part('name=a', 'x', 'Content-Type: nonsense'))],
    ['a field that is not in its charset', multipart(part('name=a', Buffer.from([0xff])))],
    ['more on the line of a boundary', '--bound\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--boundless\r\n'],
    ['a name that would change a prototype', multipart(part('name="__proto__"', 'x'))],
    ['line feeds alone', multipart(part('name=a', 'x')).toString().replaceAll('\r\n', '\n')],
    [
      'a flood of headers in a part',
      multipart(part('name=a', 'x', ...Array.from({ length: 5_000 }, (_, at) => `X-${at}: y`))),
    ],
    ['one endless header', `--bound\r\nX: ${'y'.repeat(1_000_000)}`],
    ['too many parts', multipart(...Array.from({ length: 1_001 }, () => part('name=a', '')))],
    ['an endless preamble', 'x'.repeat(100_000)],
    ['an endless epilogue', `--bound--${'x'.repeat(100_000)}`],
    ['an epilogue of some pages', `--bound--${'x'.repeat(20_000)}`],
    ['all parts behind a boundary in the middle of a line', `x${multipart(part('name=a', 'x')).toString()}`],
  ])('with %s is refused', async (_what, body) => {
    const { fault } = await read(body);
    expect(fault).toMatchObject({ code: 'invalid_body' });
    expect(fault?.message).toMatch(/\.$/);
  });

  it.each(['base64', 'quoted-printable'])('with a part in %s is refused', async (encoding) => {
    const body = multipart(part('name=a', 'eA==', `Content-Transfer-Encoding: ${encoding}`));
    expect((await read(body)).fault).toMatchObject({ code: 'unsupported_encoding' });
  });

  it('without a boundary in its type is refused', async () => {
    for (const contentType of ['multipart/form-data', 'multipart/form-data; boundary=', `${type}${'x'.repeat(300)}`]) {
      expect((await read('--bound--', { contentType })).fault).toMatchObject({ code: 'invalid_body' });
    }
  });

  it('that is cut anywhere is refused', async () => {
    const whole = multipart(
      part('name=a', 'some text'),
      part('name=b; filename=c', 'a file', 'Content-Type: image/png'),
    );
    for (let end = 0; end < whole.length - 2; end += 1) {
      expect((await read(whole.subarray(0, end), { sizes: [7] })).fault).toMatchObject({ code: 'invalid_body' });
    }
    expect((await read(whole.subarray(0, whole.length - 2))).fault).toBeUndefined();
  });

  it('over a limit is refused while it comes in', async () => {
    const field = (bytes: number) => part('name=a', Buffer.alloc(bytes, 'x'));
    const file = (bytes: number) => part('name=a; filename=b', Buffer.alloc(bytes, 'x'));
    expect((await read(multipart(field(60_000), field(50_000)))).fault).toMatchObject({
      code: 'body_too_large',
      limitBytes: 100_000,
    });
    expect((await read(multipart(field(1_000_001)), { overrides: { maxBodyBytes: 5_000_000 } })).fault).toMatchObject({
      code: 'body_too_large',
      limitBytes: 1_000_000,
    });
    expect((await read(multipart(file(600_000), file(400_001)))).fault).toMatchObject({
      code: 'body_too_large',
      limitBytes: 1_000_000,
    });
    expect((await read(multipart(file(600_000), file(400_000)))).fault).toBeUndefined();
    const names = Array.from({ length: 20 }, (_, at) => part(`name=${String(at).repeat(6_000).slice(0, 6_000)}`, ''));
    expect((await read(multipart(...names))).fault).toMatchObject({ code: 'body_too_large' });
  });

  it('that its sender breaks off within a file rejects, and so does what the sink was storing', async () => {
    const files = memorySink();
    const breaking = async function* () {
      yield multipart(part('name=a', 'x'), part('name=b; filename=c', 'a file')).subarray(0, -20);
      await Promise.resolve();
      throw new Error('ECONNRESET');
    };
    const reading = readStreamed('multipart', type, breaking(), { limits, files });
    await expect(reading).rejects.toThrow(BodyAborted);
    expect(files.stored).toEqual([]);
  });

  it('is left where it is refused', async () => {
    const { source, state } = watchedSource(Array.from({ length: 100 }, () => Buffer.alloc(64_000)));
    const result = await readStreamed('multipart', type, source, { limits, files: memorySink() });
    expect(result).toMatchObject({ ok: false });
    await expect.poll(() => state.left).toBe(true);
    expect(state.read).toBe(1);
  });

  it('of any bytes is read or refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(trickyBytes, { maxLength: 6 }), pieceSizes, async (parts, sizes) => {
        const { fault, value } = await read(Buffer.concat(parts), { sizes });
        expect(fault ?? value).toBeDefined();
      }),
    );
  });
});
