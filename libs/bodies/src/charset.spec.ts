import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BodyFaultError } from './body-error.js';
import { decodeText } from './charset.js';

function fault(bytes: number[], charset?: string) {
  try {
    decodeText(Buffer.from(bytes), charset);
  } catch (error) {
    if (error instanceof BodyFaultError) return error.fault.code;
    throw error;
  }
  return undefined;
}

describe('text of a body', () => {
  it('is read in UTF-8, and its byte order mark is dropped', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(!text.startsWith('\ufeff'));
        expect(decodeText(Buffer.from(text), undefined)).toBe(text);
        expect(decodeText(Buffer.from(`\ufeff${text}`), 'utf-8')).toBe(text);
        expect(decodeText(Buffer.from(text, 'utf16le'), 'utf-16le')).toBe(text);
        expect(decodeText(Buffer.from(`\ufeff${text}`, 'utf16le'), 'utf-16')).toBe(text);
      }),
    );
  });

  it.each([
    ['iso-8859-1', [0x63, 0xe9], 'cé'],
    ['windows-1252', [0x80, 0x93, 0xe9, 0x94], '€“é”'],
    ['us-ascii', [0x61], 'a'],
    ['iso-8859-15', [0xa4], '€'],
    ['utf-16be', [0x20, 0xac], '€'],
    ['utf-16', [0xfe, 0xff, 0x20, 0xac], '€'],
    ['shift_jis', [0x93, 0xfa, 0x96, 0x7b], '日本'],
    ['gbk', [0xd6, 0xd0], '中'],
    ['koi8-r', [0xf2], 'Р'],
  ])('is read in %s', (charset, bytes, text) => {
    expect(decodeText(Buffer.from(bytes), charset)).toBe(text);
  });

  it.each([
    [undefined, [0xff]],
    [undefined, [0xed, 0xa0, 0x80]],
    ['utf-8', [0xc3]],
    ['utf-16le', [0x00, 0xd8, 0x41, 0x00]],
    ['utf-16be', [0x41]],
    ['shift_jis', [0x83]],
    ['gbk', [0x81]],
  ])('that is not in its charset (%s) is refused', (charset, bytes) => {
    expect(fault(bytes, charset)).toBe('invalid_body');
  });

  it.each(['utf-7', 'klingon', 'utf-8\0', 'base64', 'x'.repeat(10_000)])('in “%s” is refused', (charset) => {
    expect(fault([0x61], charset)).toBe('unsupported_media_type');
  });
});
