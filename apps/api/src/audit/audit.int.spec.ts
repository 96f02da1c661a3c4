import { newId } from '@millrace/contracts';
import { noteAct, removeOldAudit } from '@millrace/persistence';
import { beforeEach, describe, expect, it } from 'vitest';
import { password, tutorialDraft, useApi, type TestUser } from '../../test/api.fixture.js';

const test = useApi({ TRUST_PROXY: '1' });
let admin: TestUser;
beforeEach(async () => {
  admin = await test.signedIn({ role: 'administrator' });
});

interface Entry {
  id: string;
  at: string;
  lastAt: string;
  count: number;
  actor: object | null;
  action: string;
  entity: { type: string; id: string | null; name: string | null };
  changes: { field: string; before?: unknown; after?: unknown }[];
  address: string;
  requestId: string;
}

async function audit(query = '', as = admin): Promise<Entry[]> {
  const { body } = await test.as(as).get(`/v1/audit${query}`).expect(200);
  return (body as { items: Entry[] }).items;
}

async function createFlow(as = admin, draft: object = { steps: [], edges: [] }): Promise<string> {
  const { body } = await test.as(as).post('/v1/flows').send({ name: 'Pets', draft }).expect(201);
  return (body as { id: string }).id;
}

const query = (text: string, values: unknown[] = []) => test.database.dataSource.query(text, values);
const rename = (id: string, name: string, as = admin) => test.as(as).patch(`/v1/flows/${id}`).send({ name });

describe('an entry of the audit', () => {
  it('says who did what to which entity, when, from where, and what changed by it', async () => {
    const id = await createFlow();
    const answer = await rename(id, 'Dogs').set('x-forwarded-for', '203.0.113.9, 198.51.100.7').expect(200);
    const [entry] = await audit();
    expect(entry).toEqual({
      id: expect.any(String) as string,
      at: expect.any(String) as string,
      lastAt: entry?.at,
      count: 1,
      actor: { userId: admin.userId, email: admin.email, apiToken: null },
      action: 'flow.renamed',
      entity: { type: 'flow', id, name: 'Dogs' },
      changes: [{ field: 'name', before: 'Pets', after: 'Dogs' }],
      // What a caller writes before the address that the proxy saw counts for nothing.
      address: '198.51.100.7',
      requestId: answer.headers['x-request-id'],
    });
  });

  it('names the API token that acted for a user', async () => {
    const created = await test.as(admin).post('/v1/api-tokens').send({ name: 'Deployment' }).expect(201);
    const { id, token } = created.body as { id: string; token: string };
    await createFlow({ ...admin, token });
    const [entry] = await audit('?action=flow.created');
    expect(entry?.actor).toEqual({ userId: admin.userId, email: admin.email, apiToken: { id, name: 'Deployment' } });
  });

  it('outlives the user and the flow, with their names', async () => {
    const user = await test.signedIn({ workspaceId: admin.workspaceId });
    const id = await createFlow(user);
    await test.as(user).delete(`/v1/flows/${id}`).expect(204);
    await test.as(admin).delete(`/v1/users/${user.userId}`).expect(204);
    const entries = await audit(`?actor=${user.userId}&action=flow.deleted`);
    expect(entries).toMatchObject([{ actor: { email: user.email }, entity: { id, name: 'Pets' } }]);
  });

  it('is not written for what changes nothing', async () => {
    const id = await createFlow();
    const before = await audit();
    await rename(id, 'Pets').expect(200);
    await rename(newId(), 'Dogs').expect(404);
    await rename(id, '').expect(422);
    await test.as(admin).post(`/v1/flows/${id}/stop`).expect(200);
    await test.as(admin).post(`/v1/flows/${id}/start`).expect(409);
    await test.as(admin).patch(`/v1/users/${admin.userId}`).send({ role: 'administrator' }).expect(200);
    await test.as(admin).patch('/v1/workspace').send({ retentionDays: 30 }).expect(200);
    expect(await audit()).toEqual(before);
  });
});

describe('a sign-in', () => {
  const signIn = (email: string, secret: string) =>
    test.anonymous().post('/v1/sessions').set('x-forwarded-for', '198.51.100.8').send({ email, password: secret });

  it('is noted whether it succeeds or fails', async () => {
    const user = await test.signedIn({ workspaceId: admin.workspaceId });
    await signIn(user.email, 'wrong').expect(401);
    await signIn(user.email, password).expect(201);
    const [succeeded, failed] = await audit(`?entity=${user.userId}`);
    expect(succeeded).toMatchObject({ action: 'user.signed_in', actor: { userId: user.userId } });
    expect(failed).toMatchObject({
      action: 'user.sign_in_failed',
      actor: null,
      entity: { type: 'user', id: user.userId, name: user.email },
      address: '198.51.100.8',
    });
  });

  it('that names no account is noted for the operator, without what was typed', async () => {
    await signIn('typed-a-secret-here@example.test', 'wrong').expect(401);
    expect(await audit('?action=user.sign_in_failed')).toEqual([]);
    const [first] = (await query('select id from workspace order by created_at limit 1')) as [{ id: string }];
    const operator = await test.signedIn({ role: 'administrator', workspaceId: first.id as TestUser['workspaceId'] });
    const [entry] = await audit('?action=user.sign_in_failed', operator);
    expect(entry).toMatchObject({ actor: null, entity: { type: 'user', id: null, name: null } });
    expect(JSON.stringify(await query('select * from audit_entry'))).not.toContain('typed-a-secret');
  });
});

describe('saves of a draft', () => {
  const save = (id: string, draft: object, as = admin) =>
    test.as(as).put(`/v1/flows/${id}/draft`).send(draft).expect(200);
  const step = (mapping: object) => {
    const { steps, edges } = tutorialDraft(newId());
    return {
      steps: [
        { ...steps[0], credentialId: null },
        { ...steps[1], credentialId: null, mapping },
      ],
      edges,
    };
  };

  it('are one entry for a user, a flow and ten minutes, which says what changed, without values', async () => {
    const id = await createFlow();
    await save(id, step({ name: '"hidden value"' }));
    await save(id, step({ name: '"hidden value"', status: 'petstatus' }));
    const entries = await audit(`?entity=${id}&action=flow.draft_saved`);
    expect(entries).toMatchObject([{ count: 2 }]);
    expect(entries[0]?.changes).toEqual([
      { field: 'draftRevision', before: 1, after: 3 },
      { field: '/steps/step_1', after: 'webhook.receive' },
      { field: '/steps/step_2', after: 'petstore.createPet' },
      { field: '/edges/step_1-step_2' },
      { field: '/steps/step_2/mapping/status' },
    ]);
    expect(JSON.stringify(entries)).not.toContain('hidden value');
    expect(Date.parse(entries[0]!.lastAt)).toBeGreaterThan(Date.parse(entries[0]!.at));
  });

  it('are another entry for another user, another flow, and after ten minutes', async () => {
    const colleague = await test.signedIn({ workspaceId: admin.workspaceId });
    const [id, other] = [await createFlow(), await createFlow()];
    await save(id, step({}));
    await save(id, step({ name: 'petname' }), colleague);
    await save(other, step({}));
    await query(`update audit_entry set at = at - interval '11 minutes' where user_id = $1`, [admin.userId]);
    await save(id, step({ status: 'petstatus' }));
    const entries = await audit('?action=flow.draft_saved');
    expect(entries.map(({ count }) => count)).toEqual([1, 1, 1, 1]);
  });

  it('at the same time are one entry that counts them all', async () => {
    const id = await createFlow();
    await Promise.all(Array.from({ length: 5 }, () => save(id, step({}))));
    expect(await audit(`?entity=${id}&action=flow.draft_saved`)).toMatchObject([{ count: 5 }]);
  });
});

describe('the audit', () => {
  it('is filtered by user, act, entity and time, and read page by page', async () => {
    const user = await test.signedIn({ workspaceId: admin.workspaceId });
    const [mine, theirs] = [await createFlow(), await createFlow(user)];
    for (const name of ['A', 'B', 'C']) await rename(mine, name).expect(200);
    const names = (entries: Entry[]) => entries.map(({ entity }) => entity.name);
    expect(names(await audit(`?entity=${mine}`))).toEqual(['C', 'B', 'A', 'Pets']);
    expect(names(await audit(`?entity=${mine.replaceAll('-', '')}&action=flow.renamed`))).toEqual(['C', 'B', 'A']);
    const byUser = await audit(`?actor=${user.userId}`);
    expect(byUser.map(({ action }) => action)).toEqual(['flow.created', 'user.signed_in']);
    expect(byUser[0]?.entity.id).toBe(theirs);
    const { body } = await test.as(admin).get(`/v1/audit?entity=${mine}&limit=3`).expect(200);
    const { nextCursor } = body as { nextCursor: string };
    expect(names(await audit(`?entity=${mine}&cursor=${nextCursor}`))).toEqual(['Pets']);
    await query(
      `update audit_entry set at = '2026-01-15 12:00Z', last_at = '2026-01-15 12:00Z',
         id = overlay(first_id_at('2026-01-15 12:00Z')::text placing right(id::text, 22) from 15)::uuid
       where entity_name = 'B'`,
    );
    expect(names(await audit('?from=2026-01-15&to=2026-01-16'))).toEqual(['B']);
    expect(names(await audit(`?entity=${mine}&from=2026-01-16`))).toEqual(['C', 'A', 'Pets']);
    expect(names(await audit('?to=2026-01-15'))).toEqual([]);
  });

  it.each(['actor=x', 'entity=x', 'action=flow.invented', 'from=yesterday', 'cursor=x'])('refuses %s', async (what) => {
    await test.as(admin).get(`/v1/audit?${what}`).expect(400);
  });

  it('shows a workspace its own entries alone', async () => {
    await createFlow();
    const other = await test.signedIn({ role: 'administrator' });
    expect((await audit('', other)).map(({ action }) => action)).toEqual(['user.signed_in']);
  });

  it('forgets what is older than it is kept', async () => {
    const { manager } = test.database.dataSource;
    await createFlow();
    const count = async () => ((await query('select count(*)::int as n from audit_entry')) as [{ n: number }])[0].n;
    const kept = await count();
    const from = { ...admin, email: null, apiToken: null, address: '192.0.2.1', requestId: 'old' };
    for (let i = 0; i < 3; i += 1) await noteAct(manager, from, { action: 'flow.created', entityId: null });
    await query(`update audit_entry set at = now() - interval '400 days', last_at = now() - interval '400 days',
                   id = overlay(id::text placing '0100' from 1 for 4)::uuid where request_id = 'old'`);
    expect(await removeOldAudit(manager, 365)).toBe(3);
    expect(await count()).toBe(kept);
    expect(await removeOldAudit(manager, 365)).toBe(0);
  });
});
