import { createHash } from 'node:crypto';
import { newId, requestIdOf, type RunId } from '@millrace/contracts';
import { seedFlow, type SeededFlow } from '@millrace/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { tutorialDraft, useApi, type TestUser } from '../../test/api.fixture.js';

const test = useApi();
let user: TestUser;
let flow: SeededFlow;

beforeEach(async () => {
  user = await test.signedIn();
  flow = await seedFlow(test.database, tutorialDraft(newId()), { workspaceId: user.workspaceId });
});

const sha256 = createHash('sha256').update('{}').digest();
const headers = { 'content-type': 'application/json', authorization: '***' };

interface Refused {
  of?: SeededFlow;
  receivedAt?: string;
  reason?: string;
  body?: { bytes: number; sha256: Buffer } | null;
}

/** Leaves the record of a refused request, as webhooks-service does. */
async function refuse(change: Refused = {}): Promise<RunId> {
  const {
    of = flow,
    receivedAt = '2026-01-31T12:00:00Z',
    reason = 'unauthorized',
    body = { bytes: 2, sha256 },
  } = change;
  const id = newId<RunId>();
  await test.database.dataSource.query(
    `insert into rejected_request (id, workspace_id, flow_id, received_at, status, reason, message, method, path,
                                   headers, body_bytes, body_sha256)
     values ($1, $2, $3, $4, 401, $5, 'The password is wrong.', 'POST', '/orders', $6, $7, $8)`,
    [id, of.workspaceId, of.flowId, receivedAt, reason, JSON.stringify(headers), body?.bytes, body?.sha256],
  );
  return id;
}

interface ListBody {
  items: { id: string }[];
  nextCursor: string | null;
}

async function list(query = '', as = user): Promise<ListBody> {
  const answer = await test.as(as).get(`/v1/flows/${flow.flowId}/rejections?${query}`).expect(200);
  return answer.body as ListBody;
}

const ids = async (query: string) => (await list(query)).items.map((item) => item.id);

describe('a refused request', () => {
  it('is listed with why and with what it looked like', async () => {
    const id = await refuse();
    expect(await list()).toEqual({
      items: [
        {
          flowId: flow.flowId,
          id,
          requestId: requestIdOf(id),
          receivedAt: '2026-01-31T12:00:00.000Z',
          status: 401,
          reason: 'unauthorized',
          message: 'The password is wrong.',
          method: 'POST',
          path: '/orders',
          headers,
          bodyBytes: 2,
          bodySha256: sha256.toString('hex'),
        },
      ],
      nextCursor: null,
    });
  });

  it('whose body was not read has neither size nor hash', async () => {
    await refuse({ body: null });
    expect(await list()).toMatchObject({ items: [{ bodyBytes: null, bodySha256: null }] });
  });

  it('has its fate told by either form of its id, in its workspace only', async () => {
    const id = await refuse();
    for (const form of [id, requestIdOf(id)]) {
      const { body } = await test.as(user).get(`/v1/requests/${form}`).expect(200);
      expect(body).toEqual({
        id,
        requestId: requestIdOf(id),
        flowId: flow.flowId,
        flowVersion: null,
        status: 'rejected',
        duplicateOf: null,
        replayOf: null,
        reason: 'unauthorized',
        message: 'The password is wrong.',
        startedAt: '2026-01-31T12:00:00.000Z',
        finishedAt: '2026-01-31T12:00:00.000Z',
      });
    }
    await test
      .as(await test.signedIn())
      .get(`/v1/requests/${id}`)
      .expect(404);
  });
});

describe('the list of refused requests', () => {
  it('has the newest first, page by page', async () => {
    const all = [await refuse(), await refuse(), await refuse()].reverse();
    const first = await list('limit=2');
    expect(first).toMatchObject({ items: [{ id: all[0] }, { id: all[1] }], nextCursor: all[1] });
    expect(await list(`limit=2&cursor=${first.nextCursor}`)).toMatchObject({
      items: [{ id: all[2] }],
      nextCursor: null,
    });
  });

  it('is filtered by reason and time', async () => {
    const early = await refuse({ receivedAt: '2026-01-31T10:00:00Z' });
    const late = await refuse({ receivedAt: '2026-01-31T11:00:00Z', reason: 'body_too_large' });
    expect(await ids('reason=body_too_large')).toEqual([late]);
    expect(await ids('reason=unauthorized')).toEqual([early]);
    expect(await ids('from=2026-01-31T11:00:00Z')).toEqual([late]);
    expect(await ids('to=2026-01-31T11:00:00Z')).toEqual([early]);
    expect(await ids('from=2026-01-31&to=2026-02-01&limit=5')).toEqual([late, early]);
  });

  it('is that of the one flow', async () => {
    const other = await seedFlow(test.database, tutorialDraft(newId()), { workspaceId: user.workspaceId });
    await refuse({ of: other });
    expect(await ids('')).toEqual([]);
  });

  it.each(['from=yesterday', 'cursor=x', 'limit=0'])('is refused with 400 for ?%s', async (query) => {
    const answer = await test.as(user).get(`/v1/flows/${flow.flowId}/rejections?${query}`).expect(400);
    expect(answer.body).toMatchObject({ code: 'invalid_request' });
  });

  it('is not found by another workspace, nor for a flow that does not exist', async () => {
    await refuse();
    const stranger = await test.signedIn({ role: 'administrator' });
    await test.as(stranger).get(`/v1/flows/${flow.flowId}/rejections`).expect(404);
    await test.as(user).get(`/v1/flows/${newId()}/rejections`).expect(404);
  });
});
