import { describe, expect, it } from 'vitest';
import { useApi, type TestUser } from '../../test/api.fixture.js';

const test = useApi();

interface Created {
  id: string;
  token: string;
  prefix: string;
}

async function create(user: TestUser, body: object = {}): Promise<Created> {
  const answer = await test
    .as(user)
    .post('/v1/api-tokens')
    .send({ name: 'Deployment', ...body })
    .expect(201);
  return answer.body as Created;
}

const admin = () => test.signedIn({ role: 'administrator' });

describe('an API token', () => {
  it('is shown once, and is kept as a hash with its beginning', async () => {
    const user = await admin();
    const { token, ...created } = await create(user);
    expect(token).toMatch(/^mrt_[\w-]{43}$/);
    expect(created).toMatchObject({
      name: 'Deployment',
      role: 'member',
      prefix: token.slice(0, 10),
      createdBy: { id: user.userId, email: user.email },
      expiresAt: null,
      expired: false,
      lastUsedAt: null,
    });
    const { body } = await test.as(user).get('/v1/api-tokens').expect(200);
    expect(body).toEqual({ items: [created], nextCursor: null });
    const rows = await test.database.dataSource.query('select * from api_token');
    expect(JSON.stringify([rows, test.logged])).not.toContain(token);
  });

  it('acts for its user with the role that it was given', async () => {
    const user = await admin();
    const [member, administrator] = [await create(user), await create(user, { role: 'administrator' })];
    const { body } = await test
      .as({ ...user, ...member })
      .get('/v1/sessions/current')
      .expect(200);
    expect(body).toMatchObject({
      user: { id: user.userId, role: 'member' },
      workspace: { id: user.workspaceId },
      expiresAt: null,
      apiToken: { id: member.id, name: 'Deployment' },
    });
    const asMember = test.as({ ...user, ...member });
    await asMember.post('/v1/flows').send({ name: 'Made by a token' }).expect(201);
    await asMember.get('/v1/api-tokens').expect(403);
    await test
      .as({ ...user, ...administrator })
      .get('/v1/api-tokens')
      .expect(200);
  });

  it('never may more than its user, and ends with the user', async () => {
    const owner = await admin();
    const second = await test.signedIn({ role: 'administrator', workspaceId: owner.workspaceId });
    const token = { ...second, ...(await create(second, { role: 'administrator' })) };
    await test.as(owner).patch(`/v1/users/${second.userId}`).send({ role: 'member' }).expect(200);
    await test.as(token).get('/v1/api-tokens').expect(403);
    await test.as(token).get('/v1/flows').expect(200);
    await test.as(owner).delete(`/v1/users/${second.userId}`).expect(204);
    await test.as(token).get('/v1/flows').expect(401);
  });

  it('ends when it is deleted and when it expires', async () => {
    const user = await admin();
    const [one, two] = [await create(user), await create(user, { expiresAt: '2999-01-01T00:00:00Z' })];
    await test.as(user).delete(`/v1/api-tokens/${one.id}`).expect(204);
    await test.as(user).delete(`/v1/api-tokens/${one.id}`).expect(404);
    await test
      .as({ ...user, ...one })
      .get('/v1/flows')
      .expect(401);
    await test
      .as({ ...user, ...two })
      .get('/v1/flows')
      .expect(200);
    await test.database.dataSource.query('update api_token set expires_at = now() where id = $1', [two.id]);
    await test
      .as({ ...user, ...two })
      .get('/v1/flows')
      .expect(401);
    const { body } = await test.as(user).get('/v1/api-tokens').expect(200);
    expect(body).toMatchObject({ items: [{ id: two.id, expired: true }] });
  });

  it('notes its last use, at most once a minute', async () => {
    const user = await admin();
    const token = await create(user);
    const use = () =>
      test
        .as({ ...user, ...token })
        .get('/v1/flows')
        .expect(200);
    const lastUse = async (): Promise<{ at: string; fresh: boolean }> =>
      (
        await test.database.dataSource.query<{ at: string; fresh: boolean }[]>(
          `select last_used_at::text as at, last_used_at > now() - interval '10 seconds' as fresh
           from api_token where id = $1`,
          [token.id],
        )
      )[0]!;
    const age = (seconds: number) =>
      test.database.dataSource.query(
        `update api_token set last_used_at = last_used_at - make_interval(secs => $2) where id = $1`,
        [token.id, seconds],
      );
    await use();
    expect(await lastUse()).toMatchObject({ fresh: true });
    await age(50);
    const before = await lastUse();
    await use();
    expect(await lastUse()).toEqual(before);
    await age(20);
    await use();
    expect(await lastUse()).toMatchObject({ fresh: true });
  });

  it('does not do what belongs to a sign-in', async () => {
    const user = await admin();
    const token = test.as({ ...user, ...(await create(user)) });
    const body = { currentPassword: 'correct horse battery staple', newPassword: 'a mill turns by the race' };
    await token.put('/v1/sessions/current/password').send(body).expect(403);
    await token.delete('/v1/sessions/current').expect(403);
  });

  it.each([
    [{ expiresAt: '2020-01-01T00:00:00Z' }, '/expiresAt'],
    [{ expiresAt: 'tomorrow' }, '/expiresAt'],
    [{ role: 'owner' }, '/role'],
    [{ name: '' }, '/name'],
  ])('is not made with %j', async (body, pointer) => {
    const answer = await test
      .as(await admin())
      .post('/v1/api-tokens')
      .send({ name: 'Deployment', ...body })
      .expect(422);
    expect(answer.body).toMatchObject({ code: 'validation_failed', problems: [{ pointer }] });
  });
});
