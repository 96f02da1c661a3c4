import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  deriveAttachmentUrlKey,
  deriveComponentKey,
  deriveResumeUrlKey,
  deriveSetupToken,
  keyId,
  parseKey,
} from './keys.js';

const master = Buffer.alloc(32, 7);

describe('keys', () => {
  it('derives the same key for the same component and another for every other name', () => {
    expect(deriveComponentKey(master, 'petstore')).toEqual(deriveComponentKey(master, 'petstore'));
    expect(deriveComponentKey(master, 'petstore')).not.toEqual(deriveComponentKey(master, 'twitter'));
    expect(deriveComponentKey(master, 'petstore')).not.toEqual(deriveComponentKey(randomBytes(32), 'petstore'));
  });

  it('keeps the derivation that stored credentials depend on', () => {
    expect(deriveComponentKey(master, 'petstore').toString('base64')).toBe(
      'XBtpzneLO86pOwWCReZSvDdMbhCQOKRSNUIijMPnxis=',
    );
    expect(keyId(master)).toBe('T9FqM6BY');
  });

  it.each([
    ['file URLs', deriveAttachmentUrlKey],
    ['resume URLs', deriveResumeUrlKey],
  ])('derives the key of %s apart from those of components', (_, derive) => {
    const key = derive(master);
    expect(key).toHaveLength(32);
    expect(key).toEqual(derive(Buffer.from(master)));
    expect(key).not.toEqual(deriveComponentKey(master, 'webhook'));
    expect(key).not.toEqual(derive(randomBytes(32)));
  });

  it('derives another key for file URLs than for resume URLs', () => {
    expect(deriveAttachmentUrlKey(master)).not.toEqual(deriveResumeUrlKey(master));
  });

  it('derives the token of the set-up, the same each time, from the master key alone', () => {
    expect(deriveSetupToken(master)).toMatch(/^mru_[\w-]{43}$/);
    expect(deriveSetupToken(master)).toBe(deriveSetupToken(Buffer.from(master)));
    expect(deriveSetupToken(master)).not.toBe(deriveSetupToken(randomBytes(32)));
    expect(deriveSetupToken(master)).not.toContain(deriveResumeUrlKey(master).toString('base64url'));
  });

  it('reads keys in both base64 alphabets, padded or not', () => {
    const key = randomBytes(32);
    expect(parseKey(key.toString('base64'))).toEqual(key);
    expect(parseKey(` ${key.toString('base64url')}\n`)).toEqual(key);
  });

  it('says what is wrong with a key without showing it', () => {
    expect(() => parseKey('not base64!')).toThrow(/^The key is not base64; make one with/);
    const short = Buffer.from('sixteen byte key').toString('base64');
    expect(() => parseKey(short)).toThrow(/has 16 bytes and must have 32/);
    expect(() => parseKey(short)).not.toThrow(short);
    expect(() => parseKey('')).toThrow(/not base64/);
  });
});
