import { describe, expect, it } from 'vitest';
import { createMask, maskJson } from './mask.js';

describe('a mask', () => {
  const mask = createMask(['s3cr=t/"k"', 's3cr', '']);

  it('takes out a secret in each form it may take', () => {
    const secret = 's3cr=t/"k"';
    for (const form of [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
      Buffer.from(secret).toString('base64url'),
      JSON.stringify(secret),
    ]) {
      expect(mask(`before ${form} after`)).toMatch(/^before "?\*\*\*=?=?"? after$/);
    }
  });

  it('takes the longest first, so that no part of a secret is left', () => {
    expect(mask('x s3cr=t/"k" s3cr')).toBe('x *** ***');
  });

  it('takes out authorization values, whatever they are', () => {
    expect(mask('sent Authorization: Basic dXNlcjpwYXNz, then bearer abc.def-ghi')).toBe(
      'sent Authorization: Basic ***, then bearer ***',
    );
  });

  it('leaves a text without secrets alone', () => {
    expect(mask('nothing here')).toBe('nothing here');
    expect(createMask([])('nothing here')).toBe('nothing here');
  });

  it('works on every text of a JSON value, keys included', () => {
    expect(maskJson({ a: ['s3cr', 1, null], s3cr: { b: true } }, mask)).toEqual({
      a: ['***', 1, null],
      '***': { b: true },
    });
  });

  it('takes out a secret of few characters where it stands by itself, and leaves words whole', () => {
    expect(createMask(['s', '.*'])("s=s, it doesn't settle this: “s” .* a.*b")).toBe(
      "***=***, it doesn't settle this: “***” *** a.*b",
    );
  });

  it('takes a secret that is not well-formed', () => {
    expect(createMask(['\ud800abc'])('x \ud800abc')).toBe('x ***');
  });
});
