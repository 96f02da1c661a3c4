import { describe, expect, it } from 'vitest';
import { headFault } from './head-fault.js';

function fault(lines: readonly (readonly [string, string])[], httpVersion = '1.1') {
  // As Node does it: of a header that is singular the first counts, others are a list.
  const headers: Record<string, string> = {};
  for (const [name, value] of lines) {
    const key = name.toLowerCase();
    if (headers[key] === undefined) headers[key] = value;
    else if (key === 'transfer-encoding') headers[key] += `, ${value}`;
  }
  return headFault({ httpVersion, rawHeaders: lines.flat(), headers });
}

const host = ['Host', 'hooks.example.com'] as const;

describe('the head of a request', () => {
  it.each([
    ['a host', [host]],
    ['a host with a port', [['host', 'localhost:3001']]],
    ['an IPv6 address', [['HOST', '[::1]:80']]],
    ['an empty host', [['host', '']]],
    ['chunks', [host, ['Transfer-Encoding', 'Chunked']]],
    ['a question for leave', [host, ['expect', '100-Continue']]],
    ['many headers', [host, ...Array.from({ length: 400 }, (_item, at) => [`x-${at}`, ''] as const)]],
  ] as const)('with %s is taken', (_what, lines) => {
    expect(fault(lines)).toBeUndefined();
  });

  it('of HTTP/1.0 needs no host', () => {
    expect(fault([], '1.0')).toBeUndefined();
  });

  it.each([
    ['no host', [['x-forwarded-host', 'a']], /Host/],
    ['two hosts', [host, ['HOST', 'other.example.com']], /Host/],
    ['a host that cannot be read', [['host', 'a/b']], /Host/],
    ['two content types', [host, ['Content-Type', 'a/b'], ['content-type', 'c/d']], /Content-Type/],
    ['a transfer coding besides chunked', [host, ['transfer-encoding', 'gzip, chunked']], /chunked/],
    ['an empty transfer coding', [host, ['transfer-encoding', '']], /chunked/],
    [
      'transfer codings on two lines',
      [host, ['transfer-encoding', 'identity'], ['transfer-encoding', 'chunked']],
      /chunked/,
    ],
    ['an expectation', [host, ['expect', 'tea']], /100-continue/],
  ] as const)('with %s is refused', (_what, lines, says) => {
    expect(fault(lines)).toMatchObject({ code: 'malformed_request', message: expect.stringMatching(says) as string });
  });

  it.each(['0.9', '2.0'])('of HTTP/%s is refused', (httpVersion) => {
    expect(fault([host], httpVersion)).toMatchObject({ code: 'malformed_request' });
  });

  it('of HTTP/1.0 with chunks, which it does not have, is refused', () => {
    expect(fault([['transfer-encoding', 'chunked']], '1.0')).toMatchObject({ code: 'malformed_request' });
  });

  it('with more headers than anybody sends is refused', () => {
    const flood = Array.from({ length: 501 }, (_item, at) => [`x-${at}`, ''] as const);
    expect(fault(flood)).toMatchObject({ code: 'headers_too_large' });
  });
});
