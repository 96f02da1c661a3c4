import { randomUUID } from 'node:crypto';
import { consume, createParker, createPublisher, openSessions, type Delivery } from '@millrace/amqp';
import {
  coreTopology,
  decodeTriggerMessage,
  encodeTriggerMessage,
  newId,
  queues,
  requestIdOf,
  type JsonObject,
  type RunId,
} from '@millrace/contracts';
import { insertRuns, parkMessages, type ParkedMessage } from '@millrace/persistence';
import { eventually, seedFlow, type SeededFlow } from '@millrace/testing';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { silent, tutorialDraft, useApi, type TestUser } from '../../test/api.fixture.js';

const test = useApi();
let operator: TestUser;
let admin: TestUser;
let flow: SeededFlow;
const cleanUp: (() => Promise<void>)[] = [];

beforeAll(async () => {
  operator = await test.signedIn({ role: 'administrator' });
});

beforeEach(async () => {
  admin = await test.signedIn({ role: 'administrator' });
  flow = await seedFlow(test.database, tutorialDraft(newId()), { workspaceId: admin.workspaceId });
});

afterEach(async () => {
  await Promise.all(cleanUp.splice(0).map((end) => end()));
  await test.database.dataSource.query('delete from parked_message');
});

const reason = 'trigger message is malformed';
const body = Buffer.from('{"petname":"Gromit"}');

async function park(change: Partial<Omit<ParkedMessage, 'headers'>> & { headers?: JsonObject } = {}): Promise<string> {
  const { headers = {}, ...rest } = change;
  const id = randomUUID();
  const own = { id, queue: queues.results, reason, messageId: newId<RunId>(), body: Buffer.from('{') };
  await parkMessages(test.database, [{ ...own, ...rest, headers: JSON.stringify(headers) }]);
  return id;
}

/** Parks the trigger of an accepted request as the broker does after too many deliveries. */
async function parkTrigger(of = flow): Promise<{ id: string; runId: RunId; own: JsonObject }> {
  const runId = newId<RunId>();
  const request = { method: 'POST', path: '', query: {}, headers: {}, contentType: 'application/json' };
  const { workspaceId, flowId, versionId } = of;
  const trigger = { runId, workspaceId, flowId, versionId, receivedAt: 1_700_000_000_000, request, body };
  const { headers: own, messageId } = encodeTriggerMessage(trigger);
  const added = {
    'x-millrace-park-reason': reason,
    'x-millrace-park-queue': queues.triggers,
    'x-death': [{ count: 1, queue: queues.triggers }],
    'x-first-death-queue': queues.triggers,
    'x-last-death-reason': 'delivery_limit',
    'x-delivery-count': 21,
  };
  return { id: await park({ queue: queues.triggers, messageId, headers: { ...own, ...added }, body }), runId, own };
}

/** Takes everything from the queue of triggers while a test runs. */
async function triggersTaken(): Promise<Delivery[]> {
  const taken: Delivery[] = [];
  const sessions = openSessions({ url: test.amqpUrl, name: 'spec', topology: coreTopology, logger: silent });
  const publisher = createPublisher(sessions.publishing, { logger: silent });
  const consumer = consume(sessions.consuming, {
    queue: queues.triggers,
    prefetch: 10,
    logger: silent,
    park: createParker(publisher),
    handle: (delivery) => {
      taken.push(delivery);
      return Promise.resolve({ outcome: 'done' });
    },
  });
  await consumer.started;
  cleanUp.push(async () => {
    await consumer.close();
    await publisher.close();
    await sessions.close();
  });
  return taken;
}

interface ParkedBody {
  items: { id: string }[];
  nextCursor: string | null;
}

async function listed(user: TestUser, query = ''): Promise<string[]> {
  const answer = await test.as(user).get(`/v1/parked?${query}`).expect(200);
  return (answer.body as ParkedBody).items.map((item) => item.id);
}

const release = (user: TestUser, id: string) => test.as(user).post(`/v1/parked/${id}/release`);

describe('a parked message', () => {
  it('is listed with its reason and without its content', async () => {
    const { id, runId } = await parkTrigger();
    const answer = await test.as(admin).get('/v1/parked').expect(200);
    const parkedAt = expect.stringMatching(/^\d{4}-.*Z$/) as string;
    expect(answer.body).toEqual({
      items: [{ id, queue: 'triggers', reason, messageId: runId, sizeBytes: body.length, parkedAt }],
      nextCursor: null,
    });
  });

  it('that is a trigger is read with the body that was sent, by administrators of its workspace alone', async () => {
    const { id, runId } = await parkTrigger();
    const { body: read } = await test.as(admin).get(`/v1/parked/${id}`).expect(200);
    expect(read).toMatchObject({
      id,
      messageId: runId,
      body: '{"petname":"Gromit"}',
      bodyEncoding: 'utf8',
      truncated: false,
    });
    await test.as(operator).get(`/v1/parked/${id}`).expect(404);
    await test
      .as(await test.signedIn({ workspaceId: admin.workspaceId }))
      .get(`/v1/parked/${id}`)
      .expect(403);
  });

  it('about a step is read without its credential and what earlier steps gave, and not at all when it is unreadable', async () => {
    const { workspaceId, flowId, versionId } = flow;
    const message = {
      workspaceId,
      flowId,
      versionId,
      runId: newId<RunId>(),
      stepId: 'step_2',
      path: '0',
      attempt: 1,
      input: { name: 'Gromit' },
      credential: { id: newId(), sealed: 'SEALED' },
      config: { token: 'CONFIG' },
      carry: { steps: { step_1: 'CARRIED' } },
    };
    const id = await park({ queue: 'steps.petstore', body: Buffer.from(JSON.stringify(message)) });
    const { body: read } = await test.as(admin).get(`/v1/parked/${id}`).expect(200);
    const shown = (read as { body: string }).body;
    expect(JSON.parse(shown)).toMatchObject({ stepId: 'step_2', input: { name: 'Gromit' } });
    expect(shown).not.toMatch(/SEALED|CONFIG|CARRIED/);
    const unreadable = await park({ headers: { workspaceId }, body: Buffer.from('{"output":"SECRET"') });
    const { body: hidden } = await test.as(admin).get(`/v1/parked/${unreadable}`).expect(200);
    expect(hidden).toMatchObject({ body: null, bodyEncoding: null, sizeBytes: 18 });
  });

  it('that is a trigger is released to its queue with the id and the headers that it had, and is gone here', async () => {
    const taken = await triggersTaken();
    const { id, runId, own } = await parkTrigger();
    await release(admin, id).expect(204);
    await eventually(() => expect(taken).toHaveLength(1));
    expect(taken[0]).toMatchObject({ messageId: runId, body });
    expect(taken[0]?.headers).toEqual(own);
    expect(decodeTriggerMessage(taken[0]!)).toMatchObject({ ok: true, value: { runId, flowId: flow.flowId } });
    expect(await listed(admin)).toEqual([]);
    await release(admin, id).expect(404);
  });

  it.each(['parked', 'unknown', 'steps.gone', ''])('stays when its queue is %j', async (queue) => {
    const id = await park({ queue, headers: { workspaceId: admin.workspaceId } });
    const refused = await release(admin, id).expect(409);
    expect(refused.body).toMatchObject({ code: 'no_queue' });
    expect(await listed(admin)).toEqual([id]);
  });

  it('whose release was cut off between confirm and removal is released again, which makes no second run', async () => {
    const taken = await triggersTaken();
    const { id } = await parkTrigger();
    const holder = test.database.dataSource.createQueryRunner();
    await holder.startTransaction();
    await holder.query('select 1 from parked_message where id = $1 for update', [id]);
    const cutOff = release(admin, id).then((answer) => answer.status);
    await eventually(() => expect(taken).toHaveLength(1));
    await eventually(async () => {
      const ended = (await holder.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and application_name = 'api' and query like 'delete from parked_message%'
           and wait_event_type = 'Lock'`,
      )) as unknown[];
      expect(ended).toHaveLength(1);
    });
    expect(await cutOff).toBe(503);
    await holder.rollbackTransaction();
    await holder.release();

    expect(await listed(admin)).toEqual([id]);
    await release(admin, id).expect(204);
    await eventually(() => expect(taken).toHaveLength(2));
    const begun = [];
    for (const delivery of taken) begun.push(...(await begin(delivery)));
    expect(begun).toEqual([taken[0]?.messageId]);
  });

  it('is deleted for good', async () => {
    const { id } = await parkTrigger();
    await test.as(admin).delete(`/v1/parked/${id}`).expect(204);
    await test.as(admin).delete(`/v1/parked/${id}`).expect(404);
    expect(await listed(admin)).toEqual([]);
  });
});

describe('the list of parked messages', () => {
  it('has the newest first, page by page, past those of other workspaces', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      ids.unshift((await parkTrigger()).id);
      await park({ headers: { workspaceId: operator.workspaceId } });
    }
    const seen: string[] = [];
    let cursor: string | null = '';
    for (let page = 0; cursor !== null && page < 5; page += 1) {
      const answer = await test
        .as(admin)
        .get(`/v1/parked?limit=2${cursor && `&cursor=${cursor}`}`)
        .expect(200);
      const { items, nextCursor } = answer.body as ParkedBody;
      seen.push(...items.map((item) => item.id));
      cursor = nextCursor;
    }
    expect(seen).toEqual(ids);
  });

  it('goes on where a page ended, though the last message of that page is released meanwhile', async () => {
    await triggersTaken();
    const ids: string[] = [];
    for (let n = 0; n < 3; n += 1) ids.unshift((await parkTrigger()).id);
    const first = (await test.as(admin).get('/v1/parked?limit=2').expect(200)).body as ParkedBody;
    expect(first.items.map((item) => item.id)).toEqual(ids.slice(0, 2));
    await release(admin, ids[1]!).expect(204);
    const second = await test.as(admin).get('/v1/parked').query({ limit: 2, cursor: first.nextCursor }).expect(200);
    expect((second.body as ParkedBody).items.map((item) => item.id)).toEqual([ids[2]]);
  });

  it('has messages that were parked at the same moment once each', async () => {
    const ids = [];
    for (let n = 0; n < 4; n += 1) ids.push((await parkTrigger()).id);
    await test.database.dataSource.query('update parked_message set parked_at = now()');
    const seen: string[] = [];
    let cursor: string | null = '';
    for (let page = 0; cursor !== null && page < 9; page += 1) {
      const answer = await test
        .as(admin)
        .get(`/v1/parked?limit=1${cursor && `&cursor=${cursor}`}`)
        .expect(200);
      const { items, nextCursor } = answer.body as ParkedBody;
      seen.push(...items.map((item) => item.id));
      cursor = nextCursor;
    }
    expect(seen).toEqual(ids.sort().reverse());
  });

  it.each(['x', randomUUID(), `2026-13-01T00:00:00.000000Z_${randomUUID()}`, '2026-01-01T00:00:00.000000Z_x'])(
    'is not read from the cursor %s, which is answered 400',
    async (cursor) => {
      const { body } = await test.as(admin).get('/v1/parked').query({ cursor }).expect(400);
      expect(body).toMatchObject({ code: 'invalid_request' });
    },
  );

  it('is for administrators only', async () => {
    const member = await test.signedIn({ role: 'member', workspaceId: admin.workspaceId });
    const { id } = await parkTrigger();
    await test.as(member).get('/v1/parked').expect(403);
    await release(member, id).expect(403);
    await test.as(member).delete(`/v1/parked/${id}`).expect(403);
  });
});

describe('a parked message of', () => {
  const workspaceOf = (user: TestUser) => JSON.stringify({ workspaceId: user.workspaceId, text: 'x' });

  it.each<[string, () => Parameters<typeof park>[0], 'admin' | 'operator' | 'nobody']>([
    ['a workspace in its headers', () => ({ headers: { workspaceId: admin.workspaceId } }), 'admin'],
    ['a workspace in its body', () => ({ body: Buffer.from(workspaceOf(admin)) }), 'admin'],
    ['a flow', () => ({ headers: { flowId: flow.flowId } }), 'admin'],
    ['nobody, for it cannot be read', () => ({}), 'operator'],
    ['a flow that is unknown', () => ({ headers: { flowId: newId() } }), 'operator'],
    [
      'a sender who writes the name of a workspace',
      () => ({ queue: queues.triggers, body: Buffer.from(workspaceOf(admin)) }),
      'operator',
    ],
    [
      'two workspaces',
      () => ({ headers: { workspaceId: operator.workspaceId }, body: Buffer.from(workspaceOf(admin)) }),
      'nobody',
    ],
  ])('%s is seen, released and deleted by its owner only', async (_what, message, owner) => {
    const id = await park(message());
    const users = { admin, operator, third: await test.signedIn({ role: 'administrator' }) };
    for (const [name, user] of Object.entries(users)) {
      expect([name, await listed(user)]).toEqual([name, name === owner ? [id] : []]);
      if (name === owner) continue;
      await release(user, id).expect(404);
      await test.as(user).delete(`/v1/parked/${id}`).expect(404);
    }
    if (owner === 'nobody') return;
    await release(users[owner], id).expect(204);
  });
});

describe('the fate of a request whose trigger was parked', () => {
  it('is parked with the reason, for its workspace only', async () => {
    const { runId } = await parkTrigger();
    for (const form of [runId, requestIdOf(runId)]) {
      const answer = await test.as(admin).get(`/v1/requests/${form}`).expect(200);
      expect(answer.body).toEqual({
        id: runId,
        requestId: requestIdOf(runId),
        flowId: flow.flowId,
        flowVersion: null,
        status: 'parked',
        duplicateOf: null,
        replayOf: null,
        reason,
        message: null,
        startedAt: '2023-11-14T22:13:20.000Z',
        finishedAt: null,
      });
    }
    await test.as(operator).get(`/v1/requests/${runId}`).expect(404);
  });

  it('is that of its run once there is one', async () => {
    const { runId } = await parkTrigger();
    await begin({ messageId: runId });
    const answer = await test.as(admin).get(`/v1/requests/${runId}`).expect(200);
    expect(answer.body).toMatchObject({ status: 'running', reason: null });
  });
});

/** Begins the run of a trigger as the orchestrator does; resolves the ids that were new. */
async function begin({ messageId }: Pick<Delivery, 'messageId'>): Promise<RunId[]> {
  const { workspaceId, flowId, versionId } = flow;
  const ids = { id: messageId as RunId, workspaceId, flowId, versionId, triggerStepId: 'step_1' as never };
  const run = { ...ids, receivedAt: Date.now(), request: '{}', body, dueInMs: 60_000 };
  return [...(await insertRuns(test.database, [run]))];
}
