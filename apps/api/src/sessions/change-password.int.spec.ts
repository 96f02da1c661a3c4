import { describe, expect, it } from 'vitest';
import { password, useApi, type TestUser } from '../../test/api.fixture.js';

const test = useApi();
const path = '/v1/sessions/current/password';
const newPassword = 'a mill turns by the race';

async function again(user: TestUser, attempt = password): Promise<TestUser> {
  const answer = await test.anonymous().post('/v1/sessions').send({ email: user.email, password: attempt }).expect(201);
  return { ...user, token: (answer.body as { token: string }).token };
}

describe('changing a password', () => {
  it('makes the new one good, the old one bad, and ends every other session of the user alone', async () => {
    const user = await test.signedIn();
    const colleague = await test.signedIn({ workspaceId: user.workspaceId });
    const other = await again(user);
    await test.as(user).put(path).send({ currentPassword: password, newPassword }).expect(204);
    await test.as(user).get('/v1/sessions/current').expect(200);
    await test.as(other).get('/v1/sessions/current').expect(401);
    await test.as(colleague).get('/v1/sessions/current').expect(200);
    await test.anonymous().post('/v1/sessions').send({ email: user.email, password }).expect(401);
    await again(user, newPassword);
  });

  it('is refused with the place where the present password is wrong, and changes nothing', async () => {
    const user = await test.signedIn();
    const answer = await test.as(user).put(path).send({ currentPassword: 'wrong', newPassword }).expect(422);
    expect(answer.body).toMatchObject({
      code: 'validation_failed',
      problems: [{ pointer: '/currentPassword', code: 'wrong_password' }],
    });
    await again(user);
  });

  it.each([
    ['a short one', 'short'],
    ['the present one', password],
  ])('is refused for %s', async (_what, chosen) => {
    const user = await test.signedIn();
    const body = { currentPassword: password, newPassword: chosen };
    const answer = await test.as(user).put(path).send(body).expect(422);
    expect(answer.body).toMatchObject({ problems: [{ pointer: '/newPassword' }] });
  });

  it('helps nobody to guess: the eleventh wrong one is answered 429, here and at the sign-in', async () => {
    const user = await test.signedIn();
    for (let i = 0; i < 10; i += 1) {
      await test
        .as(user)
        .put(path)
        .send({ currentPassword: `wrong ${i}`, newPassword })
        .expect(422);
    }
    const answer = await test.as(user).put(path).send({ currentPassword: password, newPassword }).expect(429);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(800);
    await test.anonymous().post('/v1/sessions').send({ email: user.email, password }).expect(429);
  });

  it('is done once by two who do it at the same time', async () => {
    const user = await test.signedIn();
    const other = await again(user);
    const change = (who: TestUser, chosen: string) =>
      test.as(who).put(path).send({ currentPassword: password, newPassword: chosen });
    const answers = await Promise.all([change(user, newPassword), change(other, `${newPassword} too`)]);
    // The session of the one that came second may have ended before its password was looked at.
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    expect([401, 422]).toContain(answers.find(({ status }) => status !== 204)?.status);
  });
});
