import { describe, expect, it } from 'vitest';
import { bodyKindOf, fileTypeOf, isStreamed, parseContentType } from './content-type.js';

function kind(contentType: string | undefined, { method = 'POST', empty = false } = {}) {
  const decided = bodyKindOf({ method, contentType, empty });
  return decided.ok ? decided.kind : decided.fault.code;
}

describe('the kind of a body', () => {
  it.each([
    ['application/json', 'json'],
    ['APPLICATION/JSON ; charset=UTF-8', 'json'],
    ['application/cloudevents+json; charset="utf-8";', 'json'],
    ['text/json', 'json'],
    ['application/xml', 'xml'],
    ['text/xml;charset=iso-8859-1', 'xml'],
    ['application/soap+xml; action=urn:x', 'xml'],
    ['application/x-www-form-urlencoded', 'form'],
    ['text/csv; header=present', 'csv'],
    ['text/plain', 'text'],
    ['multipart/form-data; boundary=----=_Part_1_123.456', 'multipart'],
    ['multipart/mixed; boundary=x', 'file'],
    ['multipart/x+json; boundary=x', 'file'],
    ['image/svg+xml', 'file'],
    ['text/html', 'file'],
    ['application/octet-stream', 'file'],
    ['application/jsonp', 'file'],
    [undefined, 'file'],
  ])('of %s is %s', (contentType, expected) => {
    expect(kind(contentType)).toBe(expected);
  });

  it.each([
    '',
    'json',
    'application/',
    '/json',
    'application/json x',
    'a/b; c',
    'a/b; c="d',
    'a/b; c=d; C=e',
    'a/b c/d',
  ])('cannot be told from “%s”, which is refused', (contentType) => {
    expect(kind(contentType)).toBe('unsupported_media_type');
  });

  it('is none for an empty body without a type, and for one whose method usually has no body', () => {
    expect(kind(undefined, { empty: true })).toBe('none');
    for (const method of ['GET', 'HEAD', 'DELETE']) {
      expect(kind('application/json', { method, empty: true })).toBe('none');
    }
    expect(kind('application/json', { empty: true })).toBe('json');
    expect(kind('application/json', { method: 'DELETE' })).toBe('json');
  });

  it('tells whether it is read as a stream', () => {
    expect((['none', 'json', 'xml', 'form', 'csv', 'text', 'multipart', 'file'] as const).filter(isStreamed)).toEqual([
      'multipart',
      'file',
    ]);
  });
});

describe('parameters of a content type', () => {
  it('are read with quotes, escapes and empty places', () => {
    expect(parseContentType('text/plain;; charset="UTF-8" ;boundary="a\\"b\\\\c\\d";')).toEqual({
      mediaType: 'text/plain',
      charset: 'utf-8',
      boundary: 'a"b\\c\\d',
    });
    expect(parseContentType('text/plain; charset=')?.charset).toBeUndefined();
  });

  it('are read in a time that grows only with their length', () => {
    for (const text of [
      `a/b${' ;'.repeat(50_000)}x`,
      `a/b; c="${'\\'.repeat(100_000)}`,
      `a/b; ${'c'.repeat(100_000)}`,
    ]) {
      expect(parseContentType(text)).toBeUndefined();
    }
  });
});

describe('the type of a file', () => {
  it('is kept as it was sent unless it could not be sent on', () => {
    expect(fileTypeOf(' text/csv; charset=utf-16 ')).toBe('text/csv; charset=utf-16');
    for (const text of [undefined, 'nonsense', 'text/plain; x="é"', `text/${'x'.repeat(300)}`]) {
      expect(fileTypeOf(text)).toBe('application/octet-stream');
    }
  });
});
