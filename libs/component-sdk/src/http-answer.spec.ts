import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { HttpAnswer } from './http-answer.js';
import { causeOf, retryAfterMs } from './http-failure.js';

function answer(body: string, contentType = 'application/json'): HttpAnswer {
  const exchanged = { status: 400, headers: { 'content-type': contentType }, body: Buffer.from(body) };
  return new HttpAnswer('GET http://api/pet', exchanged);
}

describe('the reason in an answer', () => {
  it.each([
    ['{"message":"no such pet"}', 'no such pet'],
    ['{"error":{"message":"no such pet"}}', 'no such pet'],
    ['{"errors":[{"detail":"no such pet"}]}', 'no such pet'],
    ['{"title":"Bad","detail":"no such pet"}', 'no such pet'],
    ['"no such pet"', 'no such pet'],
    ['{"error":"invalid_grant","error_description":"expired"}', 'expired'],
  ])('is taken from %s', (body, reason) => {
    expect(answer(body).reason).toBe(reason);
  });

  it('is the beginning of a plain text, on one line and without control characters', () => {
    expect(answer('no\r\n\u001b[31msuch\u0000 pet', 'text/plain').reason).toBe('no [31msuch pet');
    expect(answer('x'.repeat(10_000), 'text/plain').reason).toHaveLength(301);
  });

  it('is absent when there are no words', () => {
    for (const body of ['', '{}', '[]', 'null', '{"message":" "}']) expect(answer(body).reason).toBeUndefined();
    expect(answer('<html>…', 'text/html').reason).toBeUndefined();
  });
});

describe('the JSON of an answer', () => {
  it('is typed by its schema', () => {
    expect(answer('{"id":1,"x":2}').json(z.object({ id: z.number() }))).toEqual({ id: 1 });
  });

  it('is refused in words when it is none or not as expected', () => {
    expect(() => answer('<a>').json(z.unknown())).toThrow(
      'GET http://api/pet answered 400 with a body that is not JSON: <a>',
    );
    expect(() => answer('{"id":"1"}').json(z.object({ id: z.number() }))).toThrow(
      'GET http://api/pet answered 400 with unexpected JSON: /id:',
    );
  });
});

describe('Retry-After', () => {
  it('is read as seconds or as a date', () => {
    const now = Date.parse('2024-01-01T00:00:00Z');
    expect(retryAfterMs('7', now)).toBe(7_000);
    expect(retryAfterMs('Mon, 01 Jan 2024 00:00:05 GMT', now)).toBe(5_000);
    expect(retryAfterMs('Mon, 01 Jan 2020 00:00:05 GMT', now)).toBe(0);
    expect(retryAfterMs('soon', now)).toBeUndefined();
    expect(retryAfterMs(undefined, now)).toBeUndefined();
  });
});

describe('the cause of a failed call', () => {
  it('is the innermost words', () => {
    const refused = new Error('connect ECONNREFUSED 127.0.0.1:1');
    const refused6 = new Error('connect ECONNREFUSED ::1:1');
    expect(causeOf(new AggregateError([refused6, refused]))).toBe(
      'connect ECONNREFUSED ::1:1; connect ECONNREFUSED 127.0.0.1:1',
    );
    expect(causeOf(new TypeError('fetch failed', { cause: refused }))).toBe('connect ECONNREFUSED 127.0.0.1:1');
    expect(causeOf('odd')).toBe('odd');
  });
});
