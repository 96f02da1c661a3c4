import { describe, expect, it } from 'vitest';
import { base64Of, readPastedHeaders } from './pasted-request.js';

describe('pasted headers', () => {
  it('are read one a line, with the line of the request before them', () => {
    expect(
      readPastedHeaders('POST /hook/1?x=2 HTTP/1.1\r\nHost: a.example:8080\r\nX-Hub-Signature-256: sha256=ab\r\n\r\n'),
    ).toEqual({
      method: 'POST',
      path: '/hook/1?x=2',
      headers: { Host: 'a.example:8080', 'X-Hub-Signature-256': 'sha256=ab' },
      unread: [],
    });
  });

  it.each([
    ["-H 'X-Signature: t=1,v1=2' \\", 'X-Signature', 't=1,v1=2'],
    ['> X-Signature: a', 'X-Signature', 'a'],
    ['  "x-signature": "a=b",', 'x-signature', 'a=b'],
    ['X-Signature:a', 'X-Signature', 'a'],
  ])('are read as others write them: %s', (line, name, value) => {
    expect(readPastedHeaders(line).headers).toEqual({ [name]: value });
  });

  it('that come twice have both values, and other lines are told', () => {
    expect(readPastedHeaders('A: 1\nA: 2\nA: 3\nwhat is this')).toMatchObject({
      headers: { A: ['1', '2', '3'] },
      unread: ['what is this'],
    });
  });
});

it('takes the bytes of a text as they are sent', () => {
  expect(base64Of('žluťoučký')).toBe(Buffer.from('žluťoučký').toString('base64'));
});
