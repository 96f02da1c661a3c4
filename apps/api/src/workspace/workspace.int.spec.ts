import { describe, expect, it } from 'vitest';
import { useApi } from '../../test/api.fixture.js';

const test = useApi();

describe('the workspace', () => {
  it('keeps runs for 30 days until an administrator says otherwise, for this workspace alone', async () => {
    const [one, other] = [
      await test.signedIn({ role: 'administrator' }),
      await test.signedIn({ role: 'administrator' }),
    ];
    const first = { id: one.workspaceId, name: 'Spec', retentionDays: 30 };
    await test.as(one).get('/v1/workspace').expect(200, first);
    await test
      .as(one)
      .patch('/v1/workspace')
      .send({ retentionDays: 7 })
      .expect(200, { ...first, retentionDays: 7 });
    await test
      .as(one)
      .get('/v1/workspace')
      .expect(200, { ...first, retentionDays: 7 });
    const theirs = await test.as(other).get('/v1/workspace').expect(200);
    expect(theirs.body).toMatchObject({ id: other.workspaceId, retentionDays: 30 });
  });

  it('is not for members', async () => {
    const member = await test.signedIn();
    await test.as(member).get('/v1/workspace').expect(403);
    await test.as(member).patch('/v1/workspace').send({ retentionDays: 7 }).expect(403);
  });

  it.each([
    {},
    { retentionDays: 0 },
    { retentionDays: 3651 },
    { retentionDays: 1.5 },
    { retentionDays: '7' },
    { days: 7 },
  ])('refuses %j', async (body) => {
    const user = await test.signedIn({ role: 'administrator' });
    const answer = await test.as(user).patch('/v1/workspace').send(body).expect(422);
    expect(answer.body).toMatchObject({ code: 'validation_failed' });
  });
});
