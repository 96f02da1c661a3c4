import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBuffered } from './buffered.js';
import type { BufferedKind } from './content-type.js';

function read(kind: BufferedKind | 'none', bytes: Buffer, contentType?: string) {
  return readBuffered(kind, contentType, bytes, { maxBodyBytes: 1_000 });
}

describe('a body in memory', () => {
  it('of text becomes an object with it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 50 }), (text) => {
        fc.pre(!text.startsWith('\ufeff'));
        const json = Buffer.from(JSON.stringify({ text }));
        expect(read('text', Buffer.from(text), 'text/plain')).toEqual({ ok: true, json });
        expect(read('text', Buffer.from(`\ufeff${text}`, 'utf16le'), 'text/plain')).toEqual({ ok: true, json });
      }),
    );
  });

  it.each([
    ['none', '{}'],
    ['form', '{}'],
    ['csv', '[]'],
    ['text', '{"text":""}'],
  ] as const)('that is empty (%s) is %s', (kind, json) => {
    expect(read(kind, Buffer.alloc(0))).toEqual({ ok: true, json: Buffer.from(json) });
  });

  it('over the limit is refused, as it was sent and as JSON', () => {
    for (const kind of ['json', 'xml', 'form', 'csv', 'text'] as const) {
      expect(read(kind, Buffer.alloc(1_001, 'a'))).toMatchObject({
        fault: { code: 'body_too_large', limitBytes: 1_000 },
      });
    }
    expect(read('text', Buffer.alloc(900, 1))).toMatchObject({ fault: { code: 'body_too_large' } });
    expect(read('xml', Buffer.from(`<a>${'<b/>'.repeat(10)}${'"'.repeat(900)}</a>`))).toMatchObject({
      fault: { code: 'body_too_large' },
    });
  });

  it('of any bytes is read as JSON or refused, whatever it is said to be', () => {
    const bytes = fc.uint8Array({ maxLength: 100 }).map((array) => Buffer.from(array));
    const kinds = fc.constantFrom<BufferedKind>('json', 'xml', 'form', 'csv', 'text');
    const charset = fc.constantFrom('utf-8', 'utf-16', 'iso-8859-1', 'gbk', 'shift_jis', 'none');
    fc.assert(
      fc.property(kinds, bytes, charset, (kind, body, label) => {
        const result = read(kind, body, `text/plain; charset=${label}`);
        if (result.ok) JSON.parse(result.json.toString());
        else expect(result.fault.message).toMatch(/\.$/);
      }),
      { numRuns: 1_000 },
    );
  });
});
