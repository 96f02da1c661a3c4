import { newId } from '@millrace/contracts';
import { seedFlow } from '@millrace/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { tutorialDraft, useApi, type TestUser } from '../../test/api.fixture.js';

const test = useApi();
let admin: TestUser;
let flowId: string;

beforeAll(async () => {
  admin = await test.signedIn({ role: 'administrator' });
  flowId = (await seedFlow(test.database, tutorialDraft(newId()), { workspaceId: admin.workspaceId })).flowId;
});

const refused = async (path: string) => {
  const { status, body } = await test.as(admin).get(path);
  expect({ path, status, ...(body as object) }).toMatchObject({ path, status: 400, code: 'invalid_request' });
  return body as { detail: string };
};
const encoded = (place: unknown[]) => Buffer.from(JSON.stringify(place)).toString('base64url');

describe('a query', () => {
  it.each([
    ['/v1/runs?stepId=a%00', 'stepId'],
    ['/v1/credentials?search=a%00', 'search'],
    ['/v1/flows?q=a%00', 'q'],
    ['/v1/rejections?reason=%00', 'reason'],
    ['/v1/runs?text=a&text=%00', 'text'],
  ])('%s is refused, and told which parameter it is', async (path, name) => {
    expect((await refused(path)).detail).toContain(`\`${name}\` holds the character U+0000`);
  });

  it('may hold any other character, also one that is written as two', async () => {
    const text = encodeURIComponent('ü 😀 \u0001');
    await test.as(admin).get(`/v1/runs?text=${text}`).expect(200);
    await test.as(admin).get(`/v1/flows?q=${text}`).expect(200);
  });

  it('takes times that an offset leads out of the years of ISO 8601', async () => {
    const times = { from: '0001-01-01T00:00:00+01:00', to: '9999-12-31T23:59:59-01:00' };
    await test.as(admin).get('/v1/runs').query(times).expect(200);
    await test.as(admin).get('/v1/rejections').query(times).expect(200);
  });
});

describe('a cursor that was made up', () => {
  it.each(['5', '2024', 'Jan 1 2024', '2024-02-31T00:00:00.000000Z', '0000-01-01T00:00:00.000000Z', '1\u0000'])(
    'is refused in the list of flows by their last change with %j as its time',
    async (time) => {
      await refused(`/v1/flows?order=updated&cursor=${encoded([newId(), time])}`);
    },
  );

  it.each(['a\u0000', 'a\ud800'])('is refused in the list of flows by name with %j as its name', async (name) => {
    await refused(`/v1/flows?order=name&cursor=${encoded([newId(), name])}`);
  });

  it.each(['2024-02-31T00:00:00.000000Z', '0000-01-01T00:00:00.000000Z', '2023-02-29T00:00:00.000000Z'])(
    'is refused in the list of parked messages with %s as its time',
    async (time) => {
      await refused(`/v1/parked?cursor=${time}_${newId()}`);
    },
  );

  it('is refused in the list of versions when no version has such a number', async () => {
    await refused(`/v1/flows/${flowId}/versions?cursor=2147483648`);
    await test.as(admin).get(`/v1/flows/${flowId}/versions?cursor=2147483647`).expect(200);
  });

  it('is taken with a day that there is', async () => {
    const time = '2024-02-29T23:59:59.999999Z';
    await test
      .as(admin)
      .get(`/v1/flows?order=updated&cursor=${encoded([newId(), time])}`)
      .expect(200);
    await test.as(admin).get(`/v1/parked?cursor=${time}_${newId()}`).expect(200);
  });
});
