import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAuthenticator, type RawRequest } from './index.js';

const nowMs = Date.parse('2026-10-09T12:00:00Z');
const clock = (): number => nowMs;
const url = 'https://hooks.example.com/hook/1';

function request(authorization?: string): RawRequest {
  return { method: 'POST', url, headers: authorization === undefined ? {} : { authorization }, body: Buffer.alloc(0) };
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

describe('a webhook credential of type none', () => {
  it('lets every request through', () => {
    expect(createAuthenticator({ type: 'none' }, { clock })(request())).toEqual({ outcome: 'authentic' });
  });
});

describe('a webhook credential of type basic', () => {
  const authenticate = createAuthenticator({ type: 'basic', username: 'gromit', password: 'a:b:ü' }, { clock });

  it('accepts the right user name and password, colons and non-ASCII characters included', () => {
    expect(authenticate(request(basic('gromit', 'a:b:ü')))).toEqual({ outcome: 'authentic' });
  });

  it('accepts the scheme in any case, RFC 9110 §11.1', () => {
    expect(authenticate(request(basic('gromit', 'a:b:ü').replace('Basic', 'bASIC'))).outcome).toBe('authentic');
  });

  it.each([
    ['another scheme', 'Bearer abc'],
    ['an empty token', 'Basic '],
    ['a token that is no base64', 'Basic ???'],
    ['a wrong password', basic('gromit', 'a:b')],
    ['a wrong user name', basic('wallace', 'a:b:ü')],
    ['a prefix of the right value', basic('gromit', 'a:b:')],
  ])('refuses %s with a challenge', (_, header) => {
    expect(authenticate(request(header))).toEqual({
      outcome: 'refused',
      reason: 'wrong_credentials',
      challenge: 'Basic realm="webhook", charset="UTF-8"',
    });
  });

  it('asks for credentials when there are none', () => {
    expect(authenticate(request())).toEqual({
      outcome: 'refused',
      reason: 'missing_credentials',
      challenge: 'Basic realm="webhook", charset="UTF-8"',
    });
  });

  it('accepts the password before this one until its time is over', () => {
    const fields = { type: 'basic', username: 'gromit', password: 'new', previousPassword: 'old' };
    const outcomes = (previousUntil?: string) =>
      ['new', 'old', 'older'].map((password) => {
        const check = createAuthenticator({ ...fields, ...(previousUntil && { previousUntil }) }, { clock });
        return check(request(basic('gromit', password))).outcome;
      });
    expect(outcomes()).toEqual(['authentic', 'authentic', 'refused']);
    expect(outcomes('2026-10-09T14:00:01+02:00')).toEqual(['authentic', 'authentic', 'refused']);
    expect(outcomes('2026-10-09T12:00:00Z')).toEqual(['authentic', 'refused', 'refused']);
  });

  it('accepts exactly the expected pair out of any two', () => {
    const name = fc.string({ minLength: 1 }).filter((text) => !text.includes(':'));
    fc.assert(
      fc.property(name, fc.string({ minLength: 1 }), name, fc.string(), (user, password, otherUser, otherPassword) => {
        const check = createAuthenticator({ type: 'basic', username: user, password }, { clock });
        expect(check(request(basic(user, password))).outcome).toBe('authentic');
        const same = Buffer.from(`${user}:${password}`).equals(Buffer.from(`${otherUser}:${otherPassword}`));
        expect(check(request(basic(otherUser, otherPassword))).outcome).toBe(same ? 'authentic' : 'refused');
      }),
    );
  });
});

describe('a webhook credential of type apiKey', () => {
  const fields = { type: 'apiKey', headerName: 'X-Api-Key', value: 'schlüssel/1', queryName: 'key' };
  const authenticate = createAuthenticator(fields, { clock });
  const wire = Buffer.from('schlüssel/1').toString('latin1');
  const refused = (reason: string) => ({ outcome: 'refused', reason });

  function call(headers: RawRequest['headers'], query = ''): RawRequest {
    return { method: 'GET', url: url + query, headers, body: Buffer.alloc(0) };
  }

  it('accepts the key in its header, as the bytes that came in', () => {
    expect(authenticate(call({ 'x-api-key': wire }))).toEqual({ outcome: 'authentic' });
  });

  it('accepts the key in the query only if asked to', () => {
    const inQuery = call({}, '?a=1&key=schl%C3%BCssel%2F1');
    expect(authenticate(inQuery)).toEqual({ outcome: 'authentic' });
    const { queryName: _, ...headerOnly } = fields;
    expect(createAuthenticator(headerOnly, { clock })(inQuery)).toEqual(refused('missing_credentials'));
  });

  it('refuses no key, an empty one, a wrong one and two', () => {
    expect(authenticate(call({}))).toEqual(refused('missing_credentials'));
    expect(authenticate(call({ 'x-api-key': '' }))).toEqual(refused('missing_credentials'));
    expect(authenticate(call({ 'x-api-key': `${wire} ` }))).toEqual(refused('wrong_credentials'));
    expect(authenticate(call({ 'x-api-key': [wire, wire] }))).toEqual(refused('wrong_credentials'));
    expect(authenticate(call({}, '?key=schl%C3%BCssel%2F1&key=schl%C3%BCssel%2F1'))).toEqual(
      refused('wrong_credentials'),
    );
  });

  it('does not look at the query when the header is there', () => {
    expect(authenticate(call({ 'x-api-key': 'wrong' }, '?key=schl%C3%BCssel%2F1'))).toEqual(
      refused('wrong_credentials'),
    );
  });

  it('accepts the key before this one until its time is over', () => {
    const old = call({ 'x-api-key': 'old' });
    const rotating = { ...fields, previousValue: 'old', previousUntil: '2026-10-09T12:00:01Z' };
    expect(createAuthenticator(rotating, { clock })(old).outcome).toBe('authentic');
    expect(createAuthenticator(rotating, { clock: () => nowMs + 1_000 })(old).outcome).toBe('refused');
  });
});

describe('an authenticator', () => {
  it.each([
    [{ type: 'none' }, false],
    [{ type: 'basic', username: 'a', password: 'b' }, false],
    [{ type: 'apiKey', headerName: 'x-key', value: 'k' }, false],
    [{ type: 'hmac', preset: 'gitlab', secret: 'token' }, false],
    [{ type: 'hmac', preset: 'github', secret: 's' }, true],
    [{ type: 'hmac', preset: 'slack', secret: 's' }, true],
    [{ type: 'hmac', preset: 'mailgun', secret: 's' }, true],
    [{ type: 'hmac', secret: 's' }, true],
  ])('of %j says whether it needs the body: %s', (fields, needsBody) => {
    expect(createAuthenticator(fields, { clock }).needsBody).toBe(needsBody);
  });
});
