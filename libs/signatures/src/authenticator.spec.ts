import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAuthenticator, type RawRequest } from './index.js';

function request(authorization?: string): RawRequest {
  return { method: 'POST', headers: authorization === undefined ? {} : { authorization }, body: Buffer.alloc(0) };
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

describe('a webhook credential of type none', () => {
  it('lets every request through', () => {
    expect(createAuthenticator({ type: 'none' })(request())).toEqual({ outcome: 'authentic' });
  });
});

describe('a webhook credential of type basic', () => {
  const authenticate = createAuthenticator({ type: 'basic', username: 'gromit', password: 'a:b:ü' });

  it('accepts the right user name and password, colons and non-ASCII characters included', () => {
    expect(authenticate(request(basic('gromit', 'a:b:ü')))).toEqual({ outcome: 'authentic' });
  });

  it('accepts the scheme in any case, RFC 9110 §11.1', () => {
    expect(authenticate(request(basic('gromit', 'a:b:ü').replace('Basic', 'bASIC'))).outcome).toBe('authentic');
  });

  it.each([
    ['no header', undefined],
    ['another scheme', 'Bearer abc'],
    ['an empty token', 'Basic '],
    ['a token that is no base64', 'Basic ???'],
    ['a wrong password', basic('gromit', 'a:b')],
    ['a wrong user name', basic('wallace', 'a:b:ü')],
    ['a prefix of the right value', basic('gromit', 'a:b:')],
  ])('refuses %s with a challenge', (_, header) => {
    expect(authenticate(request(header))).toEqual({
      outcome: 'refused',
      challenge: 'Basic realm="webhook", charset="UTF-8"',
    });
  });

  it('accepts exactly the expected pair out of any two', () => {
    const name = fc.string({ minLength: 1 }).filter((text) => !text.includes(':'));
    fc.assert(
      fc.property(name, fc.string({ minLength: 1 }), name, fc.string(), (user, password, otherUser, otherPassword) => {
        const check = createAuthenticator({ type: 'basic', username: user, password });
        expect(check(request(basic(user, password))).outcome).toBe('authentic');
        const same = Buffer.from(`${user}:${password}`).equals(Buffer.from(`${otherUser}:${otherPassword}`));
        expect(check(request(basic(otherUser, otherPassword))).outcome).toBe(same ? 'authentic' : 'refused');
      }),
    );
  });
});

describe('fields that are no webhook credential', () => {
  it('are refused by name, without their values', () => {
    expect(() => createAuthenticator({ type: 'basic', username: 'a:b', password: 'hunter2' })).toThrow(/username/);
    expect(() => createAuthenticator({ type: 'basic', username: 'a:b', password: 'hunter2' })).not.toThrow(/hunter2/);
    expect(() => createAuthenticator({ type: 'telepathy' })).toThrow(/type/);
  });
});
