import { newId } from '@millrace/contracts';
import { seedFlow } from '@millrace/testing';
import { expect, it } from 'vitest';
import { tutorialDraft, useApi } from '../../test/api.fixture.js';
import { beginRun, failedRun } from '../../test/runs.fixture.js';

const test = useApi();

it('a count has the filters of the list, and stays in its workspace', async () => {
  const user = await test.signedIn();
  const flow = await seedFlow(test.database, tutorialDraft(newId()), { workspaceId: user.workspaceId });
  for (let n = 0; n < 3; n += 1) await beginRun(test.database, flow);
  await failedRun(test.database, flow);
  const count = async (query: string, of = user) =>
    (await test.as(of).get(`/v1/runs/count?${query}`).expect(200)).body as unknown;
  expect(await count('')).toEqual({ count: 4, more: false });
  expect(await count(`status=failed,succeeded&flowId=${flow.flowId}`)).toEqual({ count: 1, more: false });
  expect(await count('text=away')).toEqual({ count: 1, more: false });
  expect(await count('', await test.signedIn())).toEqual({ count: 0, more: false });
  await test.as(user).get('/v1/runs/count?status=odd').expect(400);
});
