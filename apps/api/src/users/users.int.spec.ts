import { describe, expect, it } from 'vitest';
import { password, useApi, type TestUser } from '../../test/api.fixture.js';

const test = useApi({ CONSOLE_URL: 'https://millrace.example.test' });
const chosen = 'a mill turns by the race';
let last = 0;

interface Invited {
  id: string;
  email: string;
  link: { token: string; url: string; expiresAt: string };
}

async function invite(administrator: TestUser, role = 'member'): Promise<Invited> {
  last += 1;
  const body = { email: `Grace.${last}@example.test`, name: 'Grace', role };
  return (await test.as(administrator).post('/v1/users').send(body).expect(201)).body as Invited;
}

const accept = (token: string, secret = chosen) =>
  test.anonymous().post('/v1/invitations/accept').send({ token, password: secret });

const signIn = (email: string, secret: string) =>
  test.anonymous().post('/v1/sessions').send({ email, password: secret });

const tokenIn = (answer: { body: unknown }): string => (answer.body as { token: string }).token;

function daysUntil(time: string): number {
  return Math.round((Date.parse(time) - Date.now()) / 86_400_000);
}

describe('an invited user', () => {
  it('chooses a password by the link, once, and is signed in by that', async () => {
    const admin = await test.signedIn({ role: 'administrator' });
    const { link, ...user } = await invite(admin);
    expect(user).toMatchObject({ role: 'member', disabled: false, invited: true, lastSignInAt: null });
    expect(link.url).toBe(`https://millrace.example.test/invitation#token=${link.token}`);
    expect(daysUntil(link.expiresAt)).toBe(7);
    await signIn(user.email, chosen).expect(401);

    const answer = await accept(link.token).expect(201);
    expect(answer.body).toMatchObject({ user: { id: user.id, role: 'member' }, workspace: { id: admin.workspaceId } });
    expect(answer.headers['set-cookie']?.[0]).toMatch(/^millrace_session=mrs_/);
    await accept(link.token).expect(404);
    await signIn(user.email.toLowerCase(), chosen).expect(201);
    const { body } = await test.as(admin).get(`/v1/users/${user.id}`).expect(200);
    expect(body).toMatchObject({ invited: false, linkExpiresAt: null, lastSignInAt: expect.any(String) as string });
  });

  it('is one when the link is used twice at the same time', async () => {
    const { link } = await invite(await test.signedIn({ role: 'administrator' }));
    const answers = await Promise.all([accept(link.token), accept(link.token, `${chosen} too`)]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 404]));
  });

  it('keeps a link that a password was refused for, and none that has expired', async () => {
    const { id, link } = await invite(await test.signedIn({ role: 'administrator' }));
    const short = await accept(link.token, 'short').expect(422);
    expect(short.body).toMatchObject({ problems: [{ pointer: '/password' }] });
    await test.database.dataSource.query('update invitation set expires_at = now() where user_id = $1', [id]);
    expect((await accept(link.token).expect(404)).body).toMatchObject({ code: 'invitation_unknown' });
  });

  it('gets an address that has no account yet, whatever its letter case', async () => {
    const admin = await test.signedIn({ role: 'administrator' });
    const { email } = await invite(admin);
    const body = { email: email.toUpperCase(), name: 'Another' };
    expect((await test.as(admin).post('/v1/users').send(body).expect(409)).body).toMatchObject({ code: 'email_taken' });
    await test.as(admin).post('/v1/users').send({ email: 'nobody', name: 'Another' }).expect(422);
  });

  it('is known by a hash of the link alone', async () => {
    const { link } = await invite(await test.signedIn({ role: 'administrator' }));
    const rows = await test.database.dataSource.query('select token_hash from invitation');
    expect(JSON.stringify(rows)).not.toContain(link.token);
    expect(test.logged.join('')).not.toContain(link.token);
  });
});

describe('a link for a user who has forgotten the password', () => {
  it('is good for a day, replaces the one before, and ends the sessions of the user when it is used', async () => {
    const admin = await test.signedIn({ role: 'administrator' });
    const user = await test.signedIn({ workspaceId: admin.workspaceId });
    const renew = async () => (await test.as(admin).post(`/v1/users/${user.userId}/link`).expect(201)).body as object;
    const first = (await renew()) as Invited['link'];
    const second = (await renew()) as Invited['link'];
    expect(daysUntil(second.expiresAt)).toBe(1);
    await test.as(user).get('/v1/sessions/current').expect(200);
    await accept(first.token).expect(404);
    await accept(second.token).expect(201);
    await test.as(user).get('/v1/sessions/current').expect(401);
    await signIn(user.email, password).expect(401);
    await signIn(user.email, chosen).expect(201);
  });

  it('ends when the user changes the password, and is not made for one who is disabled', async () => {
    const admin = await test.signedIn({ role: 'administrator' });
    const user = await test.signedIn({ workspaceId: admin.workspaceId });
    const { token } = (await test.as(admin).post(`/v1/users/${user.userId}/link`).expect(201)).body as Invited['link'];
    const body = { currentPassword: password, newPassword: chosen };
    await test.as(user).put('/v1/sessions/current/password').send(body).expect(204);
    await accept(token).expect(404);
    await test.as(admin).patch(`/v1/users/${user.userId}`).send({ disabled: true }).expect(200);
    await test.as(admin).post(`/v1/users/${user.userId}/link`).expect(409);
  });
});

describe('a user', () => {
  it('is listed with the others of the workspace, and nobody else', async () => {
    const admin = await test.signedIn({ role: 'administrator' });
    await test.signedIn({ role: 'administrator' });
    const { id } = await invite(admin);
    const first = await test.as(admin).get('/v1/users?limit=1').expect(200);
    const { items, nextCursor } = first.body as { items: { id: string }[]; nextCursor: string };
    expect(items.map((item) => item.id)).toEqual([id]);
    const second = await test.as(admin).get(`/v1/users?limit=1&cursor=${nextCursor}`).expect(200);
    expect(second.body).toMatchObject({ items: [{ id: admin.userId, email: admin.email }], nextCursor: null });
  });

  it('who is disabled is out at once, with API tokens and link, and comes back when enabled', async () => {
    const admin = await test.signedIn({ role: 'administrator' });
    const user = await test.signedIn({ role: 'administrator', workspaceId: admin.workspaceId });
    const apiToken = tokenIn(await test.as(user).post('/v1/api-tokens').send({ name: 'Theirs' }).expect(201));
    const link = tokenIn(await test.as(admin).post(`/v1/users/${user.userId}/link`).expect(201));
    const path = `/v1/users/${user.userId}`;
    const { body } = await test.as(admin).patch(path).send({ disabled: true }).expect(200);
    expect(body).toMatchObject({ disabled: true });
    await test.as(user).get('/v1/sessions/current').expect(401);
    await test
      .as({ ...user, token: apiToken })
      .get('/v1/flows')
      .expect(401);
    await accept(link).expect(404);
    expect((await signIn(user.email, password).expect(403)).body).toMatchObject({ code: 'user_disabled' });
    expect((await signIn(user.email, 'wrong').expect(401)).body).toMatchObject({ code: 'wrong_sign_in' });
    await test.as(admin).patch(path).send({ disabled: false }).expect(200);
    await signIn(user.email, password).expect(201);
    await test
      .as({ ...user, token: apiToken })
      .get('/v1/flows')
      .expect(401);
  });

  it('may what the new role allows from the next request on', async () => {
    const admin = await test.signedIn({ role: 'administrator' });
    const user = await test.signedIn({ workspaceId: admin.workspaceId });
    await test.as(user).get('/v1/users').expect(403);
    await test.as(admin).patch(`/v1/users/${user.userId}`).send({ role: 'administrator', name: 'Eve' }).expect(200);
    await test.as(user).get('/v1/users').expect(200);
    const { body } = await test.as(user).get('/v1/sessions/current').expect(200);
    expect(body).toMatchObject({ user: { name: 'Eve', role: 'administrator' } });
    await test.as(user).patch(`/v1/users/${user.userId}`).send({}).expect(422);
  });

  it('who is deleted is gone, and the address is free again', async () => {
    const admin = await test.signedIn({ role: 'administrator' });
    const user = await test.signedIn({ workspaceId: admin.workspaceId });
    await test.as(admin).delete(`/v1/users/${user.userId}`).expect(204);
    await test.as(user).get('/v1/sessions/current').expect(401);
    await signIn(user.email, password).expect(401);
    await test.as(admin).delete(`/v1/users/${user.userId}`).expect(404);
    await test.as(admin).post('/v1/users').send({ email: user.email, name: 'New' }).expect(201);
  });

  it('who is in another workspace, too, keeps address, name and password there', async () => {
    const [admin, other] = [
      await test.signedIn({ role: 'administrator' }),
      await test.signedIn({ role: 'administrator' }),
    ];
    const user = await test.signedIn({ workspaceId: admin.workspaceId });
    await test.database.dataSource.query(
      `insert into membership (workspace_id, user_id, role) values ($1, $2, 'member')`,
      [other.workspaceId, user.userId],
    );
    const path = `/v1/users/${user.userId}`;
    const refused = await test.as(other).post(`${path}/link`).expect(409);
    expect(refused.body).toMatchObject({ code: 'user_elsewhere' });
    await test.as(other).patch(path).send({ email: 'mine@example.test' }).expect(409);
    await test.as(other).patch(path).send({ role: 'administrator' }).expect(200);
    await test.as(other).delete(path).expect(204);
    await test.as(user).get('/v1/sessions/current').expect(200);
  });
});

describe('the last administrator', () => {
  const change = (who: TestUser, id: string, body: object) => test.as(who).patch(`/v1/users/${id}`).send(body);

  it('is neither deleted nor disabled nor made a member, while the others cannot sign in as one', async () => {
    const admin = await test.signedIn({ role: 'administrator' });
    await test.signedIn({ workspaceId: admin.workspaceId });
    await invite(admin, 'administrator');
    for (const body of [{ role: 'member' }, { disabled: true }]) {
      const refused = await change(admin, admin.userId, body).expect(409);
      expect(refused.body).toMatchObject({ code: 'last_administrator' });
    }
    await test.as(admin).delete(`/v1/users/${admin.userId}`).expect(409);
    await change(admin, admin.userId, { role: 'administrator', disabled: false, name: 'Still' }).expect(200);
    const second = await invite(admin, 'administrator');
    await accept(second.link.token).expect(201);
    await change(admin, admin.userId, { role: 'member' }).expect(200);
  });

  it('is left by two who step down at the same time', async () => {
    const one = await test.signedIn({ role: 'administrator' });
    const two = await test.signedIn({ role: 'administrator', workspaceId: one.workspaceId });
    const answers = await Promise.all([
      change(one, one.userId, { role: 'member' }),
      change(two, two.userId, { disabled: true }),
    ]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409]));
  });
});
