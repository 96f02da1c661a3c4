import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { password, useApi } from '../../test/api.fixture.js';

const test = useApi({ TRUST_PROXY: '1' });
let lastAddress = 0;

/** Every test signs in from its own network, so that the limits of one don't touch another. */
function newAddress(): string {
  lastAddress += 1;
  return `198.51.100.${lastAddress}`;
}

function signIn(email: string, attempt: string, address: string) {
  return test.anonymous().post('/v1/sessions').set('x-forwarded-for', address).send({ email, password: attempt });
}

describe('signing in', () => {
  it('answers a token, the user and a cookie that scripts cannot read', async () => {
    const user = await test.signedIn({ role: 'administrator' });
    const answer = await signIn(user.email.toUpperCase(), password, newAddress()).expect(201);
    expect(answer.body).toEqual({
      token: expect.stringMatching(/^mrs_[\w-]{43}$/) as string,
      user: { id: user.userId, email: user.email, name: 'Ada', role: 'administrator' },
      workspace: { id: user.workspaceId, name: 'Spec' },
      expiresAt: expect.any(String) as string,
    });
    const cookie = answer.headers['set-cookie']?.[0] ?? '';
    expect(cookie).toMatch(/^millrace_session=mrs_/);
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Lax');
    expect(cookie).not.toContain('Secure');
  });

  it('sets a secure cookie bound to the host behind https', async () => {
    const user = await test.signedIn();
    const answer = await signIn(user.email, password, newAddress()).set('x-forwarded-proto', 'https').expect(201);
    expect(answer.headers['set-cookie']?.[0]).toMatch(/^__Host-millrace_session=.*Path=\/; HttpOnly; Secure/);
  });

  it('stores only a hash of the token', async () => {
    const { token } = await test.signedIn();
    const rows = await test.database.dataSource.query<{ token_hash: Buffer }[]>('select token_hash from session');
    for (const row of rows) expect(row.token_hash).toHaveLength(32);
    expect(JSON.stringify(rows)).not.toContain(token);
  });

  it('gives the same answer for a wrong password and an unknown address', async () => {
    const user = await test.signedIn();
    const address = newAddress();
    const wrong = await signIn(user.email, 'wrong', address).expect(401);
    const unknown = await signIn('nobody@example.test', 'wrong', address).expect(401);
    expect(wrong.body).toMatchObject({ code: 'wrong_sign_in' });
    expect({ ...wrong.body, requestId: '' }).toEqual({ ...unknown.body, requestId: '' });
  });

  it('takes as long for an unknown address as for a wrong password', async () => {
    const user = await test.signedIn();
    const address = newAddress();
    const timeOf = async (email: string) => {
      const began = performance.now();
      await signIn(email, 'wrong', address).expect(401);
      return performance.now() - began;
    };
    await timeOf('warm-up@example.test');
    const known: number[] = [];
    const unknown: number[] = [];
    for (let i = 0; i < 5; i += 1) {
      known.push(await timeOf(user.email));
      unknown.push(await timeOf(`nobody-${i}@example.test`));
    }
    expect(Math.min(...unknown)).toBeGreaterThan(Math.min(...known) / 2);
  });

  it.each([
    ['no body', undefined],
    ['no password', { email: 'a@example.test' }],
    ['a password that is no text', { email: 'a@example.test', password: 7 }],
    ['a field too many', { email: 'a@example.test', password: 'p', workspaceId: 'x' }],
    ['a password beyond reason', { email: 'a@example.test', password: 'p'.repeat(2_000) }],
  ])('refuses %s with 422', async (_what, body) => {
    const answer = await test.anonymous().post('/v1/sessions').send(body).expect(422);
    expect(answer.body).toMatchObject({ code: 'validation_failed' });
  });

  it('refuses form posts with 415, so that a page elsewhere cannot sign a browser in', async () => {
    await test
      .anonymous()
      .post('/v1/sessions')
      .type('form')
      .send({ email: 'a@example.test', password: 'p' })
      .expect(415);
    await test.anonymous().post('/v1/sessions').type('text/plain').send('{}').expect(415);
  });
});

describe('the limit of failed sign-ins', () => {
  it('refuses the eleventh failure of an address, even the right password, and says when to come back', async () => {
    const user = await test.signedIn();
    for (let i = 0; i < 10; i += 1) await signIn(user.email, 'wrong', newAddress()).expect(401);
    const answer = await signIn(user.email, password, newAddress()).expect(429);
    expect(answer.body).toMatchObject({ code: 'too_many_requests' });
    const seconds = Number(answer.headers['retry-after']);
    expect(seconds).toBeGreaterThan(800);
    expect(seconds).toBeLessThanOrEqual(900);
    await age(30 * 60);
    await signIn(user.email, password, newAddress()).expect(201);
  });

  it('cannot be passed by many attempts at once', async () => {
    const user = await test.signedIn();
    const attempts = Array.from({ length: 25 }, () => signIn(user.email, 'wrong', newAddress()));
    const statuses = (await Promise.all(attempts)).map((answer) => answer.status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(15);
  });

  it('counts failures of one network address over all e-mail addresses', async () => {
    const user = await test.signedIn();
    const address = newAddress();
    const guesses = Array.from({ length: 50 }, (_, i) => signIn(`guess-${i}@example.test`, 'wrong', address));
    await Promise.all(guesses.map((guess) => guess.expect(401)));
    await signIn(user.email, password, address).expect(429);
    await signIn(user.email, password, newAddress()).expect(201);
  });

  it('counts by the address that the proxy saw, whatever a caller writes before it', async () => {
    const user = await test.signedIn();
    const address = newAddress();
    const guesses = Array.from({ length: 50 }, (_, i) =>
      signIn(`forger-${i}@example.test`, 'wrong', `203.0.113.${i}, ${address}`).expect(401),
    );
    await Promise.all(guesses);
    await signIn(user.email, password, `203.0.113.200, ${address}`).expect(429);
  });

  it('forgets the failures of an address when its user signs in', async () => {
    const user = await test.signedIn();
    for (let i = 0; i < 9; i += 1) await signIn(user.email, 'wrong', newAddress()).expect(401);
    await signIn(user.email, password, newAddress()).expect(201);
    await signIn(user.email, 'wrong', newAddress()).expect(401);
    await signIn(user.email, password, newAddress()).expect(201);
  });

  async function age(seconds: number): Promise<void> {
    await test.database.dataSource.query(
      `update sign_in_failure set failed_at = failed_at - make_interval(secs => $1)`,
      [seconds],
    );
  }
});

describe('a session', () => {
  it('is known by its bearer token and by its cookie', async () => {
    const user = await test.signedIn();
    const byToken = await test.as(user).get('/v1/sessions/current').expect(200);
    const byCookie = await test
      .anonymous()
      .get('/v1/sessions/current')
      .set('cookie', `millrace_session=${user.token}`)
      .expect(200);
    expect(byToken.body).toEqual(byCookie.body);
    expect(byToken.body).toMatchObject({ user: { email: user.email, role: 'member' } });
    expect(byToken.body).not.toHaveProperty('token');
  });

  it.each([
    ['no token', undefined],
    ['a made-up token', 'Bearer mrs_AAAA'],
    ['another scheme', 'Basic YTpi'],
    ['a token with odd characters', 'Bearer "; drop table'],
  ])('is refused with 401 for %s', async (_what, authorization) => {
    const request = test.anonymous().get('/v1/sessions/current');
    const answer = await (authorization ? request.set('authorization', authorization) : request).expect(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(answer.body).toMatchObject({ code: 'unauthorized' });
  });

  it('is not found by a cookie when the bearer token is wrong', async () => {
    const user = await test.signedIn();
    await test
      .anonymous()
      .get('/v1/sessions/current')
      .set('authorization', 'Bearer mrs_wrong')
      .set('cookie', `millrace_session=${user.token}`)
      .expect(401);
  });

  it('ends when its user signs out, and only that one', async () => {
    const user = await test.signedIn();
    const other = (await signIn(user.email, password, newAddress()).expect(201)).body as { token: string };
    const answer = await test.as(user).delete('/v1/sessions/current').expect(204);
    expect(answer.headers['set-cookie']?.[0]).toMatch(/^millrace_session=;.*Expires=Thu, 01 Jan 1970/);
    await test.as(user).get('/v1/sessions/current').expect(401);
    await test
      .as({ ...user, token: other.token })
      .get('/v1/sessions/current')
      .expect(200);
  });

  it('ends when it expires, and lives on while it is used', async () => {
    const user = await test.signedIn();
    const expire = (text: string) => test.database.dataSource.query(text, [user.userId]);
    await expire(`update session set expires_at = now() + interval '10 minutes' where user_id = $1`);
    const { body } = await test.as(user).get('/v1/sessions/current').expect(200);
    const leftMs = Date.parse((body as { expiresAt: string }).expiresAt) - Date.now();
    expect(leftMs).toBeGreaterThan(23 * 60 * 60 * 1_000);
    await expire(`update session set expires_at = now() - interval '1 second' where user_id = $1`);
    await test.as(user).get('/v1/sessions/current').expect(401);
  });

  it('ends with the membership of its user', async () => {
    const user = await test.signedIn();
    await test.database.dataSource.query('delete from membership where user_id = $1', [user.userId]);
    await test.as(user).get('/v1/sessions/current').expect(401);
  });
});

describe('requests from pages of another origin', () => {
  it('change nothing, even with the cookie', async () => {
    const user = await test.signedIn();
    const withCookie = () =>
      test.anonymous().post('/v1/flows').set('cookie', `millrace_session=${user.token}`).send({ name: 'Flow' });
    await withCookie().set('sec-fetch-site', 'cross-site').expect(403);
    await withCookie().set('sec-fetch-site', 'same-site').expect(403);
    const refused = await withCookie().set('origin', 'https://evil.example').expect(403);
    expect(refused.body).toMatchObject({ code: 'forbidden' });
    await withCookie().set('origin', 'null').expect(403);
    await withCookie().set('sec-fetch-site', 'same-origin').expect(201);
    await withCookie().set('origin', `http://127.0.0.1:${test.api.port}`).expect(201);
  });

  it('cannot sign a browser in', async () => {
    const user = await test.signedIn();
    await signIn(user.email, password, newAddress()).set('sec-fetch-site', 'cross-site').expect(403);
  });
});

describe('the log', () => {
  it('holds neither passwords nor tokens nor e-mail addresses', async () => {
    const user = await test.signedIn();
    await signIn(user.email, 'a-wrong-password', newAddress()).expect(401);
    await test.as(user).get('/v1/sessions/current').expect(200);
    await sleep(50);
    const text = test.logged.join('');
    for (const secret of [password, 'a-wrong-password', user.token, user.email]) expect(text).not.toContain(secret);
  });
});
