import { describe, expect, it } from 'vitest';
import { expiryOf, extensionOf } from './session-life.js';

const day = 24 * 60 * 60 * 1_000;
const signedInAt = new Date('2026-01-01T00:00:00Z');
const after = (ms: number) => new Date(signedInAt.getTime() + ms);

describe('the life of a session', () => {
  it('ends a day after its last use', () => {
    expect(expiryOf(signedInAt, after(3 * day))).toEqual(after(4 * day));
  });

  it('ends 30 days after sign-in, however much it is used', () => {
    expect(expiryOf(signedInAt, after(29.5 * day))).toEqual(after(30 * day));
    expect(extensionOf({ createdAt: signedInAt, expiresAt: after(30 * day) }, after(29.9 * day))).toBeUndefined();
  });

  it('is extended when it is used, but not written for every request', () => {
    const session = { createdAt: signedInAt, expiresAt: after(day) };
    expect(extensionOf(session, after(60_000))).toBeUndefined();
    expect(extensionOf(session, after(10 * 60_000))).toEqual(after(day + 10 * 60_000));
  });
});
