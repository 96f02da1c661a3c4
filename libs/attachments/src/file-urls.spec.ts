import fc from 'fast-check';
import { newId, type AttachmentId } from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import { randomBytesOf } from './content.fixture.js';
import { createFileUrls } from './file-urls.js';

const key = randomBytesOf(32);
const id = '01a2042c-cb0a-71f4-9dbe-be5d2fbe2683' as AttachmentId;
const ttlMs = 60_000;

function urlsAt(nowMs: number, keys: readonly [Buffer, ...Buffer[]] = [key]) {
  return createFileUrls({ baseUrl: 'https://hooks.example', keys, ttlMs, clock: () => nowMs });
}

function partsOf(url: string) {
  const { pathname, searchParams } = new URL(url);
  return { id: pathname.split('/').at(-1) ?? '', query: Object.fromEntries(searchParams) };
}

/** Every text that differs from `text` in one bit. */
function* withOneBitFlipped(text: string): Generator<string> {
  const bytes = Buffer.from(text, 'latin1');
  for (let index = 0; index < bytes.length * 8; index += 1) {
    const flipped = Buffer.from(bytes);
    flipped[index >> 3]! ^= 1 << (index & 7);
    yield flipped.toString('latin1');
  }
}

describe('signed URLs of files', () => {
  const url = urlsAt(1_000_500).sign(id);

  it('name the file, the time they end and the signature', () => {
    expect(url).toMatch(
      /^https:\/\/hooks\.example\/files\/01a2042c-cb0a-71f4-9dbe-be5d2fbe2683\?expires=1061&signature=[\w-]{43}$/,
    );
  });

  it('are good until they expire, and not a millisecond longer', () => {
    const { id: given, query } = partsOf(url);
    expect(urlsAt(1_000_500).check(given, query)).toBe('ok');
    expect(urlsAt(1_060_999).check(given, query)).toBe('ok');
    expect(urlsAt(1_061_000).check(given, query)).toBe('expired');
  });

  it('are wrong with any one bit of id, time or signature flipped, before and after they expire', () => {
    const { id: given, query } = partsOf(url);
    for (const nowMs of [1_000_500, 99_000_000]) {
      const urls = urlsAt(nowMs);
      for (const flipped of withOneBitFlipped(given)) expect(urls.check(flipped, query)).toBe('wrong');
      for (const name of ['expires', 'signature'] as const)
        for (const flipped of withOneBitFlipped(query[name] ?? ''))
          expect(urls.check(given, { ...query, [name]: flipped })).toBe('wrong');
    }
  });

  it('are wrong for another file', () => {
    expect(urlsAt(1_000_500).check(newId(), partsOf(url).query)).toBe('wrong');
  });

  it('are wrong for whatever else a caller sends', () => {
    const { query } = partsOf(url);
    const values = fc.oneof(fc.string(), fc.constant(query['expires']), fc.array(fc.string()), fc.constant(undefined));
    fc.assert(
      fc.property(values, values, (expires, signature) => {
        expect(urlsAt(1_000_500).check(id, { expires, signature })).toBe('wrong');
      }),
    );
    for (const nothing of [undefined, null, 'expires', {}]) expect(urlsAt(0).check(id, nothing)).toBe('wrong');
    expect(urlsAt(0).check(id, { ...query, signature: [query['signature']] })).toBe('wrong');
    expect(urlsAt(0).check(id, { ...query, expires: `0${query['expires']}` })).toBe('wrong');
  });

  it('stay good while their key is still accepted, and new ones are signed with the first', () => {
    const next = randomBytesOf(32);
    const { id: given, query } = partsOf(url);
    expect(urlsAt(1_000_500, [next, key]).check(given, query)).toBe('ok');
    expect(urlsAt(1_000_500, [next]).check(given, query)).toBe('wrong');
    const signedAfter = partsOf(urlsAt(1_000_500, [next, key]).sign(id));
    expect(urlsAt(1_000_500, [next]).check(signedAfter.id, signedAfter.query)).toBe('ok');
    expect(urlsAt(1_000_500, [key]).check(signedAfter.id, signedAfter.query)).toBe('wrong');
  });

  it('need a key of 32 bytes', () => {
    expect(() => urlsAt(0, [randomBytesOf(31)])).toThrow('31 bytes and needs 32');
  });
});
