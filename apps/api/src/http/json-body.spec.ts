import { ProblemError } from '@millrace/platform';
import { describe, expect, it } from 'vitest';
import { readJsonBody } from './json-body.js';

function refusal(text: string | Buffer): ProblemError {
  try {
    readJsonBody(Buffer.from(text as string));
  } catch (error) {
    if (error instanceof ProblemError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('readJsonBody', () => {
  it('reads JSON, and an empty body as undefined', () => {
    expect(readJsonBody(Buffer.from('{"a":[1,"ü"]}'))).toEqual({ a: [1, 'ü'] });
    expect(readJsonBody(Buffer.alloc(0))).toBeUndefined();
  });

  it('names line and column of a fault and repeats nothing of the body', () => {
    const { status, code, detail, extra } = refusal('{\n  "password": hunter2\n}');
    expect({ status, code, extra }).toEqual({ status: 400, code: 'invalid_json', extra: { line: 2, column: 15 } });
    expect(detail).not.toContain('hunter2');
  });

  it.each([
    ['a key that reaches a prototype', '{"a":{"__proto__":{"admin":true}}}'],
    ['a constructor key', '{"constructor":{"prototype":{}}}'],
    ['U+0000 in a string', '{"a":"\\u0000"}'],
    ['U+0000 in a name', '{"\\u0000":1}'],
    ['half a surrogate pair', '["\\ud800"]'],
    ['100,000 levels', '['.repeat(100_000) + ']'.repeat(100_000)],
  ])('refuses %s', (_what, text) => {
    expect(refusal(text)).toMatchObject({ status: 400, code: 'invalid_request' });
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(refusal(Buffer.from([0x22, 0xff, 0x22]))).toMatchObject({ status: 400, code: 'invalid_json' });
  });

  it('takes characters outside the basic plane', () => {
    expect(readJsonBody(Buffer.from('["😀"]'))).toEqual(['😀']);
  });
});
