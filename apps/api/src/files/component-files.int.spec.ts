import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { newId, rootPath, type FileReference, type RunId } from '@millrace/contracts';
import { deriveComponentKey, signComponentCall } from '@millrace/credentials';
import { eventually, seedFlow, type SeededFlow } from '@millrace/testing';
import { describe, expect, it } from 'vitest';
import { hookUrl, tutorialDraft, useApi } from '../../test/api.fixture.js';
import { beginRun, settle } from '../../test/runs.fixture.js';

const maxFileBytes = 1_000_000;
const test = useApi({ MAX_FILE_BYTES: String(maxFileBytes) });

interface Run {
  flow: SeededFlow;
  runId: RunId;
}

async function run(): Promise<Run> {
  const flow = await seedFlow(test.database, tutorialDraft(newId()));
  return { flow, runId: await beginRun(test.database, flow) };
}

function token(claims: object, { component = 'webhook', expiresAt = Date.now() + 60_000 } = {}): string {
  const call = { component, expiresAt, stepId: 'step_1', path: rootPath, attempt: 1, ...claims };
  return `Component ${signComponentCall(deriveComponentKey(test.masterKey, component), call)}`;
}

function create({ runId }: Pick<Run, 'runId'>, content: Buffer | string, change: object = {}) {
  const authorization = token({ act: 'createFile', runId, name: 'Grüße "1".pdf', contentType: 'application/pdf' });
  return test
    .anonymous()
    .post('/component/files')
    .set({ authorization, 'content-type': 'application/octet-stream', ...change })
    .send(content);
}

function open({ runId }: Pick<Run, 'runId'>, fileId: string, change: object = {}) {
  const authorization = token({ act: 'openFile', runId, fileId });
  return test
    .anonymous()
    .get(`/component/files/${fileId}`)
    .set({ authorization, ...change })
    .buffer(true)
    .parse((response, done) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => done(null, Buffer.concat(chunks)));
    });
}

async function filesOf({ runId }: Run): Promise<{ status: string; name: string }[]> {
  return test.database.dataSource.query('select status, name from attachment where run_id = $1', [runId]);
}

/** What the webhook component would call, signed with the key of another one. */
function forged(runId: string): string {
  const expiresAt = Date.now() + 60_000;
  const call = { component: 'webhook', expiresAt, stepId: 'step_1', path: rootPath, attempt: 1, act: 'createFile' };
  const key = deriveComponentKey(test.masterKey, 'petstore');
  return `Component ${signComponentCall(key, { ...call, runId, name: 'a', contentType: 'b' })}`;
}

describe('a file of a step', () => {
  it('is stored with the run, and read by the steps of its workspace', async () => {
    const content = randomBytes(700_000);
    const begun = await run();
    const { body, status } = await create(begun, content);
    expect(status).toBe(201);
    const reference = body as FileReference;
    expect(reference).toEqual({
      id: expect.any(String) as string,
      name: 'Grüße "1".pdf',
      contentType: 'application/pdf',
      size: content.length,
      url: expect.stringMatching(`^${hookUrl}/files/${reference.id}\\?expires=\\d+&signature=`) as string,
    });
    expect(await filesOf(begun)).toEqual([{ status: 'stored', name: 'Grüße "1".pdf' }]);
    const answer = await open(begun, reference.id).expect(200);
    expect((answer.body as Buffer).equals(content)).toBe(true);
    expect(answer.headers).toMatchObject({ 'content-length': String(content.length), 'cache-control': 'no-store' });
  });

  it('may be empty, and is what it is whatever type it is said to have', async () => {
    const begun = await run();
    const empty = await create(begun, Buffer.alloc(0)).expect(201);
    expect((empty.body as FileReference).size).toBe(0);
    const json = await create(begun, '{', { 'content-type': 'application/json' }).expect(201);
    expect((await open(begun, (json.body as FileReference).id)).body.toString()).toBe('{');
  });

  it('is not for another workspace', async () => {
    const { body } = await create(await run(), Buffer.from('x'));
    const answer = await open(await run(), (body as FileReference).id);
    expect(answer.status).toBe(404);
  });

  it.each([
    ['no signature', () => ''],
    ['that of a user', () => 'Bearer x'],
    ['a signature of another component', forged],
    [
      'an expired one',
      (runId: string) =>
        token({ act: 'createFile', runId, name: 'a', contentType: 'b' }, { expiresAt: Date.now() - 1 }),
    ],
    ['one for reading', (runId: string) => token({ act: 'openFile', runId, fileId: newId() })],
  ])('is refused with %s', async (_what, authorization) => {
    const begun = await run();
    const answer = await create(begun, Buffer.from('x'), { authorization: authorization(begun.runId) });
    expect([answer.status, (answer.body as { code: string }).code]).toEqual([401, 'unauthorized']);
    expect(await filesOf(begun)).toEqual([]);
  });

  it('is read only with a signature for that very file', async () => {
    const begun = await run();
    const { body } = await create(begun, Buffer.from('x'));
    const authorization = token({ act: 'openFile', runId: begun.runId, fileId: newId() });
    expect((await open(begun, (body as FileReference).id, { authorization })).status).toBe(401);
  });

  it('is refused unless the step runs, in this attempt, at this component', async () => {
    const begun = await run();
    const claims = { act: 'createFile', runId: begun.runId, name: 'a', contentType: 'b' };
    for (const authorization of [
      token(claims, { component: 'petstore' }),
      token({ ...claims, stepId: 'step_2' }),
      token({ ...claims, attempt: 2 }),
      token({ ...claims, path: '0' }),
      token({ ...claims, runId: newId() }),
    ]) {
      const answer = await create(begun, Buffer.from('x'), { authorization });
      expect([answer.status, (answer.body as { code: string }).code]).toEqual([409, 'step_not_running']);
    }
    await settle(test.database, begun.flow, { runId: begun.runId, stepId: 'step_1', outputs: [{}] });
    expect((await create(begun, Buffer.from('x'))).status).toBe(409);
    expect(await filesOf(begun)).toEqual([]);
  });

  it('is removed by the steps of its run alone', async () => {
    const begun = await run();
    const other = await run();
    const { id } = (await create(begun, 'x')).body as FileReference;
    const remove = async ({ runId }: Run): Promise<number> => {
      const authorization = token({ act: 'removeFile', runId, fileId: id });
      return (await test.anonymous().delete(`/component/files/${id}`).set({ authorization })).status;
    };
    expect(await remove(other)).toBe(204);
    expect(await filesOf(begun)).toHaveLength(1);
    expect([await remove(begun), await remove(begun)]).toEqual([204, 204]);
    expect(await filesOf(begun)).toEqual([]);
  });

  it('that is too large leaves nothing behind, whether its length is said or not', async () => {
    const begun = await run();
    expect((await create(begun, Buffer.alloc(maxFileBytes)).expect(201)).body).toMatchObject({ size: maxFileBytes });
    const large = await create(begun, Buffer.alloc(maxFileBytes + 1));
    expect([large.status, (large.body as { code: string }).code]).toEqual([413, 'body_too_large']);
    expect(await sendChunked(begun, maxFileBytes + 1)).toBe(413);
    expect(await filesOf(begun)).toHaveLength(1);
  });

  it('that breaks off leaves nothing behind', async () => {
    const begun = await run();
    await sendChunked(begun, 300_000, { breaksOff: true });
    await eventually(async () => expect(await filesOf(begun)).toEqual([]));
  });
});

/** Sends a body without a length; resolves the status of the answer, 0 without one. */
async function sendChunked({ runId }: Run, bytes: number, { breaksOff = false } = {}): Promise<number> {
  const authorization = token({ act: 'createFile', runId, name: 'a', contentType: 'b' });
  const { port } = test.api;
  return new Promise((resolve) => {
    const headers = { authorization, 'content-type': 'application/octet-stream', 'transfer-encoding': 'chunked' };
    const sending = httpRequest({ port, path: '/component/files', method: 'POST', headers });
    sending.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sending.on('error', () => resolve(0));
    if (!breaksOff) sending.end(Buffer.alloc(bytes));
    else sending.write(Buffer.alloc(bytes), () => setTimeout(() => sending.destroy(), 100));
  });
}
