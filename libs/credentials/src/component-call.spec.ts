import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readComponentCall, signComponentCall } from './component-call.js';
import { deriveComponentKey } from './keys.js';

const master = randomBytes(32);
const keyOf = (component: string): Buffer => deriveComponentKey(master, component);
const call = { component: 'petstore', expiresAt: 1000, runId: 'r' };

describe('a call of a component', () => {
  it('is read as it was signed, until it expires', () => {
    const token = signComponentCall(keyOf('petstore'), call);
    expect(readComponentCall(token, keyOf, 999)).toEqual(call);
    expect(readComponentCall(token, keyOf, 1000)).toBeUndefined();
  });

  it('cannot be signed by another component', () => {
    const token = signComponentCall(keyOf('twitter'), call);
    expect(readComponentCall(token, keyOf, 0)).toBeUndefined();
  });

  it('cannot be changed in any character', () => {
    const token = signComponentCall(keyOf('petstore'), call);
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, letter) => {
        fc.pre(token[at] !== letter);
        expect(readComponentCall(token.slice(0, at) + letter + token.slice(at + 1), keyOf, 0)).toBeUndefined();
      }),
    );
    for (const text of ['', '.', 'a.b', 'bnVsbA.x', 'e30.x', `${token}.x`]) {
      expect(readComponentCall(text, keyOf, 0)).toBeUndefined();
    }
  });
});
