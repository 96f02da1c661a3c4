import { Readable } from 'node:stream';
import { newId, type AttachmentId, type RunId, type WorkspaceId } from '@millrace/contracts';
import { createLogger } from '@millrace/observability';
import { openDatabase, type Database } from '@millrace/persistence';
import { useTestDatabase } from '@millrace/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openAttachmentBytes, type AttachmentDrivers } from './attachment-drivers.js';
import { createAttachmentStore, type AttachmentStore } from './attachment-store.js';
import { breakingAfter, collect, inPieces, randomBytesOf, sha256Of } from './content.fixture.js';
import { createFileUrls } from './file-urls.js';
import { seedWorkspace, seedWriting } from './rows.fixture.js';
import { startS3Server, type S3Server } from './s3-server.fixture.js';
import { attachmentSettings, withAttachmentRules } from './settings.js';
import { z } from 'zod';

const testDatabase = useTestDatabase();
const dayMs = 86_400_000;
const silent = createLogger({ service: 'test', level: 'silent' });
const urls = createFileUrls({ baseUrl: 'http://files', keys: [randomBytesOf(32)], ttlMs: 60_000, clock: Date.now });

let database: Database;
let server: S3Server;
let workspaceId: WorkspaceId;
const opened: AttachmentDrivers[] = [];

beforeAll(async () => {
  database = await openDatabase({ url: testDatabase.url, applicationName: 'attachments test', poolSize: 4 });
  server = await startS3Server();
});
beforeEach(async () => {
  await database.dataSource.query('delete from attachment');
  workspaceId = await seedWorkspace(database);
});
afterAll(async () => {
  for (const drivers of opened) await drivers.close();
  await server.close();
  await database.close();
});

function storeWith(env: Record<string, string>): AttachmentStore {
  const settings = withAttachmentRules(z.object(attachmentSettings)).parse(env);
  const bytes = openAttachmentBytes(settings, database);
  opened.push(bytes);
  return createAttachmentStore({ database, bytes, urls, logger: silent });
}

const s3Env = () => ({
  S3_ENDPOINT: server.endpoint,
  S3_BUCKET: server.bucket,
  S3_REGION: server.region,
  S3_ACCESS_KEY_ID: server.key.accessKeyId,
  S3_SECRET_ACCESS_KEY: server.key.secretAccessKey,
});
const stores = {
  postgres: () => storeWith({}),
  s3: () => storeWith({ ATTACHMENTS: 's3', ...s3Env() }),
  both: () => storeWith(s3Env()),
};
const newFile = () => ({ workspaceId, runId: newId<RunId>(), name: 'Grüße.pdf', contentType: 'application/pdf' });

async function statuses(): Promise<string[]> {
  const rows: { status: string }[] = await database.dataSource.query('select status from attachment order by id');
  return rows.map((row) => row.status);
}
async function onlyId(): Promise<AttachmentId> {
  const rows: { id: AttachmentId }[] = await database.dataSource.query('select id from attachment');
  expect(rows).toHaveLength(1);
  return rows[0]!.id;
}
async function chunkCount(): Promise<number> {
  const rows: { count: string }[] = await database.dataSource.query('select count(*) from attachment_chunk');
  return Number(rows[0]?.count);
}
async function age(ids: AttachmentId[]): Promise<void> {
  await database.dataSource.query(
    `update attachment set created_at = now() - interval '2 days' where id = any ($1::uuid[])`,
    [ids],
  );
}

describe.each(['postgres', 's3'] as const)('files kept in %s', (place) => {
  it('are read as they were stored, by a reference with a signed URL', async () => {
    const store = stores[place]();
    const sent = randomBytesOf(700_001);
    const file = newFile();
    const reference = await store.store(file, inPieces(sent));
    expect(reference).toMatchObject({ name: 'Grüße.pdf', contentType: 'application/pdf', size: 700_001 });
    expect(urls.check(reference.id, Object.fromEntries(new URL(reference.url).searchParams))).toBe('ok');
    const { read, sha256, ...stored } = (await store.open(reference.id as AttachmentId))!;
    expect(stored).toEqual({ ...file, id: reference.id, sizeBytes: 700_001 });
    expect(sha256.toString('hex')).toBe(sha256Of(sent));
    expect((await collect(await read())).equals(sent)).toBe(true);
    expect((await collect(await read({ from: 3, to: 9 }))).equals(sent.subarray(3, 10))).toBe(true);
  });

  it('leave neither row nor bytes when their content fails', async () => {
    const objectsBefore = server.objects();
    const gone = new Error('the sender went away');
    await expect(stores[place]().store(newFile(), breakingAfter(randomBytesOf(600_000), gone))).rejects.toBe(gone);
    expect(await statuses()).toEqual([]);
    expect(await chunkCount()).toBe(0);
    expect(server.objects()).toEqual(objectsBefore);
  });

  it('are gone with their bytes when they are discarded, which is safe to repeat', async () => {
    const store = stores[place]();
    const objectsBefore = server.objects();
    const [one, other] = await Promise.all([1, 2].map(() => store.store(newFile(), inPieces(randomBytesOf(9)))));
    const ids = [one!.id as AttachmentId, newId<AttachmentId>()];
    await store.discard(ids);
    await store.discard(ids);
    await store.discard([]);
    expect(await store.open(one!.id as AttachmentId)).toBeUndefined();
    expect(await store.open(other!.id as AttachmentId)).toBeDefined();
    await store.discard([other!.id as AttachmentId]);
    expect(await chunkCount()).toBe(0);
    expect(server.objects()).toEqual(objectsBefore);
  });

  it('are kept when abandoned uploads beside them are removed', async () => {
    const store = stores[place]();
    const kept = (await store.store(newFile(), inPieces(randomBytesOf(10)))).id as AttachmentId;
    const young = await seedWriting(database, workspaceId, place);
    const old = await seedWriting(database, workspaceId, place);
    await age([kept, old]);
    expect(await store.removeAbandoned(dayMs)).toEqual({ removed: 1, failed: 0 });
    const rows: { id: string }[] = await database.dataSource.query('select id from attachment order by id');
    expect(rows.map((row) => row.id)).toEqual([kept, young]);
    expect(await collect(await (await store.open(kept))!.read())).toHaveLength(10);
  });
});

describe('files on the way', () => {
  it('cannot be opened before all of it is stored', async () => {
    const store = stores.postgres();
    let seen: unknown = 'not looked yet';
    async function* watched(): AsyncGenerator<Buffer> {
      yield randomBytesOf(300_000);
      seen = await store.open(await onlyId());
      yield randomBytesOf(1);
    }
    const reference = await store.store(newFile(), watched());
    expect(seen).toBeUndefined();
    expect(await store.open(reference.id as AttachmentId)).toBeDefined();
  });

  it('are refused when they were taken for abandoned meanwhile', async () => {
    const store = stores.postgres();
    async function* slow(): AsyncGenerator<Buffer> {
      yield randomBytesOf(300_000);
      await age([await onlyId()]);
      await store.removeAbandoned(dayMs);
    }
    await expect(store.store(newFile(), slow())).rejects.toThrow();
    expect(await statuses()).toEqual([]);
    expect(await chunkCount()).toBe(0);
  });

  it('end the stream they come from when their row cannot be written', async () => {
    const content = Readable.from([randomBytesOf(10)]);
    const stranger = { ...newFile(), workspaceId: newId<WorkspaceId>() };
    await expect(stores.postgres().store(stranger, content)).rejects.toThrow('foreign key');
    expect(content.destroyed).toBe(true);
  });

  it('may have any name and type', async () => {
    const file = { ...newFile(), name: `a\0b\ud800${'x'.repeat(5_000)}`, contentType: 'a\0/b' };
    const { id, name } = await stores.postgres().store(file, inPieces(randomBytesOf(1)));
    expect(name).toMatch(/^a\ufffdb\ufffdx+$/);
    expect((await stores.postgres().open(id as AttachmentId))?.name).toBe(name);
    expect(name).toHaveLength(1_000);
  });
});

describe('abandoned uploads', () => {
  it('are removed in portions by several processes at once, with their bytes', async () => {
    const ids = await Promise.all(Array.from({ length: 230 }, () => seedWriting(database, workspaceId)));
    await database.dataSource.query(
      `insert into attachment_chunk (attachment_id, position, bytes, last) select id, 0, 'a', false from attachment`,
    );
    await age(ids);
    const counts = await Promise.all([1, 2, 3].map(() => stores.postgres().removeAbandoned(dayMs)));
    expect(counts.every(({ failed }) => failed === 0)).toBe(true);
    // What one process was just taking another passes over, and may come to before its bytes are gone.
    await stores.postgres().removeAbandoned(dayMs);
    expect(await statuses()).toEqual([]);
    expect(await chunkCount()).toBe(0);
    expect(await stores.postgres().removeAbandoned(dayMs)).toEqual({ removed: 0, failed: 0 });
  });

  it('stay, unreadable, while their place cannot be reached, and the others go', async () => {
    const inS3 = await seedWriting(database, workspaceId, 's3');
    await age([inS3, await seedWriting(database, workspaceId, 'postgres')]);
    server.interfere(() => ({ status: 403, code: 'AccessDenied' }));
    expect(await stores.both().removeAbandoned(dayMs)).toEqual({ removed: 1, failed: 1 });
    server.interfere(undefined);
    expect(await statuses()).toEqual(['removing']);
    expect(await stores.both().removeAbandoned(dayMs)).toEqual({ removed: 1, failed: 0 });
  });

  it('of a place that this process does not have are left to one that has it', async () => {
    await age([await seedWriting(database, workspaceId, 's3')]);
    expect(await stores.postgres().removeAbandoned(dayMs)).toEqual({ removed: 0, failed: 0 });
    expect(await statuses()).toEqual(['writing']);
  });
});

describe('whole files', () => {
  const weekMs = 7 * dayMs;
  const files = async (
    store = stores.postgres(),
  ): Promise<{ store: AttachmentStore; id: AttachmentId; runId: RunId }> => {
    const file = newFile();
    return { store, id: (await store.store(file, inPieces(randomBytesOf(10)))).id as AttachmentId, runId: file.runId };
  };
  const query = (text: string, values: unknown[]) => database.dataSource.query<unknown[]>(text, values);
  const begin = (runId: RunId) =>
    query(
      `insert into run (id, workspace_id, flow_id, version_id, status, open_steps, request, body)
       values ($1, $2, $3, $3, 'running', 1, '{}', '')`,
      [runId, workspaceId, newId()],
    );
  const ageOf = (id: AttachmentId, days: number) =>
    query(`update attachment set created_at = now() - make_interval(days => $2) where id = $1`, [id, days]);
  beforeEach(async () => {
    await query('delete from run', []);
    await query('delete from parked_message', []);
  });

  it.each(['postgres', 's3'] as const)('in %s of no run are removed once they are old, others stay', async (place) => {
    const store = stores[place]();
    const [lost, young, ran] = [await files(store), await files(store), await files(store)];
    await begin(ran.runId);
    for (const { id } of [lost, ran]) await ageOf(id, 8);
    expect(await store.removeUnclaimed(weekMs)).toEqual({ removed: 1, failed: 0 });
    expect(await store.open(lost.id)).toBeUndefined();
    expect(await collect(await (await store.open(ran.id))!.read())).toHaveLength(10);
    expect(await store.open(young.id)).toBeDefined();
    await query('delete from run where id = $1', [ran.runId]);
    await begin(newId<RunId>());
    expect(await store.removeUnclaimed(weekMs)).toEqual({ removed: 1, failed: 0 });
    expect(await store.open(ran.id)).toBeUndefined();
  });

  it('stay while their triggers may wait: nothing that came a day after them has begun', async () => {
    const { store, id } = await files();
    await ageOf(id, 8);
    expect(await store.removeUnclaimed(weekMs)).toEqual({ removed: 0, failed: 0 });
    await begin(newId<RunId>());
    await query(`update attachment set created_at = now() - interval '23 hours'`, []);
    expect(await store.removeUnclaimed(1)).toEqual({ removed: 0, failed: 0 });
    await query(`update attachment set created_at = now() - interval '25 hours'`, []);
    expect(await store.removeUnclaimed(1)).toEqual({ removed: 1, failed: 0 });
  });

  it('stay while the trigger is parked, and for as long again once it is released', async () => {
    const { store, id, runId } = await files();
    await begin(newId<RunId>());
    await ageOf(id, 8);
    await query(
      `insert into parked_message (id, queue, reason, message_id, headers, body) values ($1, 'triggers', 'a', $2, '{}', '')`,
      [newId(), runId],
    );
    expect(await store.removeUnclaimed(weekMs)).toEqual({ removed: 0, failed: 0 });
    await query('delete from parked_message', []);
    expect(await store.removeUnclaimed(weekMs)).toEqual({ removed: 0, failed: 0 });
    await ageOf(id, 8);
    expect(await store.removeUnclaimed(weekMs)).toEqual({ removed: 1, failed: 0 });
  });

  it('of a request that was made a sample stay as long as the sample', async () => {
    const { store, id, runId } = await files();
    await begin(newId<RunId>());
    await ageOf(id, 8);
    const flowId = newId();
    await query(`insert into flow (id, workspace_id, name, draft) values ($1, $2, 'a', '{}')`, [flowId, workspaceId]);
    await query(
      `insert into sample (flow_id, step_id, workspace_id, source, output, request_id)
       values ($1, 'step_1', $2, 'captured', '{}', $3)`,
      [flowId, workspaceId, runId],
    );
    expect(await store.removeUnclaimed(weekMs)).toEqual({ removed: 0, failed: 0 });
    await query('delete from sample', []);
    expect(await store.removeUnclaimed(weekMs)).toEqual({ removed: 1, failed: 0 });
  });

  it('are looked at in portions, by several processes at once', async () => {
    await begin(newId<RunId>());
    await query(
      `insert into attachment (id, workspace_id, run_id, name, content_type, store, status, created_at)
       select gen_random_uuid(), $1, gen_random_uuid(), 'a', 'a/b', 'postgres', 'stored', now() - interval '8 days'
       from generate_series(1, 2500)`,
      [workspaceId],
    );
    const counts = await Promise.all([1, 2, 3].map(() => stores.postgres().removeUnclaimed(weekMs)));
    expect(counts.reduce((sum, { removed }) => sum + removed, 0)).toBe(2_500);
    expect(await statuses()).toEqual([]);
  });
});

describe('files of the place that was set before', () => {
  it('stay readable while their store is in the settings', async () => {
    const { id } = await stores.s3().store(newFile(), inPieces(randomBytesOf(77)));
    const file = await stores.both().open(id as AttachmentId);
    expect(await collect(await file!.read())).toHaveLength(77);
  });

  it('say what is missing when it is not', async () => {
    const { id } = await stores.s3().store(newFile(), inPieces(randomBytesOf(77)));
    const file = await stores.postgres().open(id as AttachmentId);
    await expect(file!.read()).rejects.toThrow(/no attachment store "s3": set S3_BUCKET/);
  });
});
