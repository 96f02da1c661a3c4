import {
  createResumeUrls,
  newId,
  type CredentialId,
  type FlowVersionId,
  type JsonObject,
  type RunId,
  type StepId,
  type StepPath,
} from '@millrace/contracts';
import { sealCredential } from '@millrace/credentials';
import { insertRuns } from '@millrace/persistence';
import { seedCredential, seedFlow, type SeededFlow } from '@millrace/testing';
import { describe, expect, it } from 'vitest';
import { basic, credentialKey, publicUrl, resumeUrlKey, useWebhooksService } from '../webhooks-service.fixture.js';

const hooks = useWebhooksService();
const urls = createResumeUrls({ baseUrl: publicUrl, keys: [resumeUrlKey] });

interface Waiting extends SeededFlow {
  runId: RunId;
  token: string;
  ownCredentialId: CredentialId;
}

const fields = (password: string): JsonObject => ({ type: 'basic', username: 'ada', password });

/** A run of a flow whose second step waits, unless `status` says otherwise. */
async function waiting(
  config: JsonObject = {},
  status: 'waiting' | 'none' | 'succeeded' = 'waiting',
): Promise<Waiting> {
  const [flowCredentialId, ownCredentialId] = [newId<CredentialId>(), newId<CredentialId>()];
  const flow = await seedFlow(hooks.database, {
    steps: [
      { id: 'step_1', component: 'webhook', operation: 'receive', credentialId: flowCredentialId },
      { id: 'step_2', component: 'webhook', operation: 'wait', credentialId: ownCredentialId, config },
    ],
    edges: [{ from: 'step_1', to: 'step_2' }],
  });
  const { workspaceId, versionId } = flow;
  for (const [id, password] of [
    [flowCredentialId, 'flow'],
    [ownCredentialId, 'own'],
  ] as const) {
    const address = { key: credentialKey, workspaceId, credentialId: id, component: 'webhook' };
    await seedCredential(hooks.database, {
      id,
      workspaceId,
      component: 'webhook',
      sealed: sealCredential({ ...address, fields: fields(password) }),
    });
  }
  const runId = newId<RunId>();
  const stepId = 'step_1' as StepId;
  const run = {
    triggerStepId: stepId,
    receivedAt: Date.now(),
    request: '{}',
    body: Buffer.from('{}'),
    dueInMs: 60_000,
  };
  await insertRuns(hooks.database, [{ ...flow, ...run, id: runId }]);
  if (status !== 'none') {
    await hooks.query(`update step_run set status = 'succeeded', due_at = null where run_id = $1`, [runId]);
    await hooks.query(
      `insert into step_run (run_id, step_id, path, workspace_id, flow_id, version_id, status, waiting_for, wait_deadline, due_at)
       values ($1, 'step_2', '0', $2, $3, $4, $5, $6, now() + interval '1 h', now() + interval '1 h')`,
      [runId, workspaceId, flow.flowId, versionId, status, status === 'waiting' ? 'resume' : null],
    );
  }
  const url = urls.sign({ runId, versionId, stepId: 'step_2' as StepId, path: '0' as StepPath });
  return { ...flow, runId, ownCredentialId, token: url.slice(`${publicUrl}/resume/`.length) };
}

const call = (token: string, init: RequestInit = {}): Promise<Response> => fetch(hooks.url(`/resume/${token}`), init);
const post = (token: string, body = '{"ok":true}', headers: Record<string, string> = {}): Promise<Response> =>
  call(token, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });

interface KeptRow {
  id: RunId;
  request: JsonObject;
  body: Buffer;
  path: string;
}

const kept = ({ runId }: Waiting): Promise<KeptRow[]> =>
  hooks.query<KeptRow>('select id, path, request, body from resume where run_id = $1 order by position', [runId]);
const isDue = async ({ runId }: Waiting): Promise<boolean | undefined> => {
  const rows = await hooks.query<{ due: boolean }>(
    `select due_at <= clock_timestamp() as due from step_run where run_id = $1 and step_id = 'step_2'`,
    [runId],
  );
  return rows[0]?.due;
};

async function expectRefusal(answer: Response, status: number, code: string): Promise<void> {
  expect(answer.headers.get('x-millrace-request-id')).toMatch(/^[0-9a-f]{32}$/);
  expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([status, code]);
}

describe('a call of a resume URL', () => {
  it('is kept with its request and wakes the step before it is answered', async () => {
    const step = await waiting();
    expect(await isDue(step)).toBe(false);
    const answer = await call(`${step.token}/extra/path?by=ada&by=bob`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: 'a=b', 'x-a': '1' },
      body: '{ "ok": [1] }',
    });
    expect(answer.status).toBe(200);
    const { requestId, message } = (await answer.json()) as { requestId: string; message: string };
    expect([answer.headers.get('x-millrace-request-id'), message]).toEqual([requestId, 'thank you']);
    const [row, ...more] = await kept(step);
    expect(more).toEqual([]);
    expect(row).toMatchObject({
      path: '0',
      request: {
        method: 'POST',
        path: '/extra/path',
        query: { by: ['ada', 'bob'] },
        headers: { 'x-a': '1' },
        contentType: 'application/json',
      },
    });
    expect(row?.request['headers']).not.toHaveProperty('cookie');
    expect(row?.id.replaceAll('-', '')).toBe(requestId);
    expect(JSON.parse(row!.body.toString())).toEqual({ ok: [1] });
    expect(await isDue(step)).toBe(true);
    expect(hooks.received).toEqual([]);
  });

  it('by a person in a browser, with GET, resumes and is answered with JSON', async () => {
    const step = await waiting();
    const answer = await call(step.token);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    expect(await kept(step)).toMatchObject([{ request: { method: 'GET' }, body: Buffer.from('{}') }]);
  });

  it.each(['HEAD', 'OPTIONS', 'TRACE', 'PROPFIND'])('with %s resumes nothing', async (method) => {
    const step = await waiting();
    const said = await hooks.raw(`${method} /resume/${step.token} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    expect(said).toMatch(/^HTTP\/1\.1 405 /);
    expect(said.toLowerCase()).toMatch(/\r\nallow: get, post, put, patch, delete\r\n/);
    expect(said.toLowerCase()).toMatch(/\r\nx-millrace-request-id: [0-9a-f]{32}\r\n/);
    expect(await kept(step)).toEqual([]);
  });

  it('is kept while the run has not come to the step yet', async () => {
    const step = await waiting({}, 'none');
    expect((await post(step.token)).status).toBe(200);
    expect(await kept(step)).toHaveLength(1);
  });

  it('brings files along, which belong to the run', async () => {
    const step = await waiting();
    const form = new FormData();
    form.set('note', 'signed');
    form.set('contract', new Blob(['%PDF'], { type: 'application/pdf' }), 'contract.pdf');
    expect((await call(step.token, { method: 'POST', body: form })).status).toBe(200);
    const [row] = await kept(step);
    const body = JSON.parse(row!.body.toString()) as { note: string; contract: { id: string; url: string } };
    expect(body).toMatchObject({ note: 'signed', contract: { name: 'contract.pdf', size: 4 } });
    const files = await hooks.query('select run_id, status from attachment where id = $1', [body.contract.id]);
    expect(files).toEqual([{ run_id: step.runId, status: 'stored' }]);
    expect((await fetch(hooks.url(body.contract.url.slice(publicUrl.length)))).status).toBe(200);
  });

  it('that nobody needs any more leaves no file behind', async () => {
    const step = await waiting({}, 'succeeded');
    const form = new FormData();
    form.set('contract', new Blob(['%PDF']), 'contract.pdf');
    await expectRefusal(await call(step.token, { method: 'POST', body: form }), 410, 'gone');
    expect(await hooks.query('select 1 from attachment where run_id = $1', [step.runId])).toEqual([]);
  });
});

describe('a resume URL', () => {
  it('is used up by its first call', async () => {
    const step = await waiting();
    const answers = await Promise.all([1, 2, 3, 4].map((body) => post(step.token, String(body))));
    expect(answers.map(({ status }) => String(status)).toSorted()).toEqual(['200', '410', '410', '410']);
    expect(await kept(step)).toHaveLength(1);
    await expectRefusal(await post(step.token), 410, 'already_resumed');
  });

  it('of a step that takes several calls keeps each, and no more than it takes', async () => {
    const step = await waiting({ uses: 'repeated', maxCalls: 2 });
    expect([(await post(step.token)).status, (await post(step.token)).status]).toEqual([200, 200]);
    await expectRefusal(await post(step.token), 410, 'already_resumed');
    expect(await kept(step)).toHaveLength(2);
  });

  it('is gone when the step, its time or its run is over', async () => {
    await expectRefusal(await post((await waiting({}, 'succeeded')).token), 410, 'gone');
    const late = await waiting();
    await hooks.query(`update step_run set wait_deadline = now() where run_id = $1`, [late.runId]);
    await expectRefusal(await post(late.token), 410, 'gone');
    const cancelled = await waiting();
    await hooks.query(`update run set status = 'cancelled', finished_at = now() where id = $1`, [cancelled.runId]);
    await expectRefusal(await post(cancelled.token), 410, 'gone');
    expect(await kept(cancelled)).toEqual([]);
  });

  it('goes on to be good when the flow was stopped', async () => {
    const step = await waiting();
    await hooks.query(`update flow set status = 'stopped' where id = $1`, [step.flowId]);
    expect((await post(step.token)).status).toBe(200);
  });

  it('that was not signed like that is answered alike, whatever is wrong', async () => {
    const step = await waiting();
    const [text = '', signature = ''] = step.token.split('.');
    const flipped = `${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`;
    const other = createResumeUrls({ baseUrl: '', keys: [Buffer.alloc(32, 9)] });
    const target = { runId: step.runId, versionId: step.versionId, stepId: 'step_2', path: '0' } as never;
    const unknownStep = urls.sign({ ...(target as object), stepId: 'step_9' } as never);
    const wrong = [
      `${text}.${flipped}`,
      `${text.slice(0, -1)}.${signature}`,
      text,
      `${step.token}.`,
      'x',
      other.sign(target).slice('/resume/'.length),
      unknownStep.slice(`${publicUrl}/resume/`.length),
    ];
    const bodies = new Set<string>();
    for (const token of wrong) {
      const answer = await post(token);
      expect(answer.status).toBe(404);
      const { requestId, ...body } = (await answer.json()) as { requestId: string };
      expect(requestId).toBe(answer.headers.get('x-millrace-request-id'));
      bodies.add(JSON.stringify(body));
    }
    expect(bodies.size).toBe(1);
    expect(await kept(step)).toEqual([]);
  });
});

describe('the credential of a resume URL', () => {
  it.each([
    ['flow', 'flow', 'own'],
    ['own', 'own', 'flow'],
  ])('is that of the %s where the step says so', async (authentication, right, wrong) => {
    const step = await waiting({ authentication });
    await expectRefusal(await post(step.token), 401, 'unauthorized');
    const answer = await post(step.token, '{}', basic('ada', wrong));
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
      401,
      'Basic realm="webhook", charset="UTF-8"',
    ]);
    expect(await kept(step)).toEqual([]);
    expect((await post(step.token, '{}', basic('ada', right))).status).toBe(200);
    expect((await kept(step))[0]?.request['headers']).not.toHaveProperty('authorization');
  });

  it('that is gone lets nobody in', async () => {
    const step = await waiting({ authentication: 'own' });
    await hooks.query('delete from credential where id = $1', [step.ownCredentialId]);
    await expectRefusal(await post(step.token, '{}', basic('ada', 'own')), 401, 'unauthorized');
  });

  it('that changed counts for the calls after the announcement', async () => {
    const step = await waiting({ authentication: 'own', uses: 'repeated' });
    expect((await post(step.token, '{}', basic('ada', 'own'))).status).toBe(200);
    const { workspaceId, ownCredentialId: credentialId } = step;
    const address = { key: credentialKey, workspaceId, credentialId, component: 'webhook' };
    const sealed = sealCredential({ ...address, fields: fields('next') });
    await hooks.query('update credential set sealed = $2 where id = $1', [credentialId, sealed]);
    await hooks.invalidate({ credentialIds: [credentialId] });
    await expect.poll(async () => (await post(step.token, '{}', basic('ada', 'own'))).status).toBe(401);
    expect((await post(step.token, '{}', basic('ada', 'next'))).status).toBe(200);
  });
});

describe('a body', () => {
  it('that cannot be read, or is too large, resumes nothing', async () => {
    const step = await waiting();
    await expectRefusal(await post(step.token, '{'), 400, 'invalid_body');
    await expectRefusal(await post(step.token, '{}', { 'content-type': 'image/' }), 415, 'unsupported_media_type');
    await expectRefusal(await post(step.token, JSON.stringify('x'.repeat(10_000_000))), 413, 'body_too_large');
    expect(await kept(step)).toEqual([]);
    expect((await post(step.token, '<a>1</a>', { 'content-type': 'application/xml' })).status).toBe(200);
    expect((await kept(step))[0]?.body.toString()).toBe('{"a":"1"}');
  });
});

describe('a step run that goes on with another version than its URL was made in', () => {
  /** Publishes a version whose waiting step has this configuration, and has the step runs at a path go on with it. */
  async function retriedWith(step: Waiting, config: JsonObject, path = '0'): Promise<void> {
    const id = newId<FlowVersionId>();
    await hooks.query(
      `insert into flow_version (id, workspace_id, flow_id, number, definition)
       select $1, workspace_id, flow_id, 2, jsonb_set(definition::jsonb, '{steps,1,config}', $3::jsonb)
       from flow_version where id = $2`,
      [id, step.versionId, JSON.stringify(config)],
    );
    await hooks.query(
      `update step_run set version_id = $2 where run_id = $1 and step_id = 'step_2' and starts_with(path, $3)`,
      [step.runId, id, path],
    );
  }

  it('asks its callers for what that version says, and nothing the URL says', async () => {
    const closed = await waiting();
    await retriedWith(closed, { authentication: 'own' });
    await expectRefusal(await post(closed.token), 401, 'unauthorized');
    expect(await kept(closed)).toEqual([]);
    expect((await post(closed.token, '{}', basic('ada', 'own'))).status).toBe(200);
    const opened = await waiting({ authentication: 'own' });
    await retriedWith(opened, {});
    expect((await post(opened.token)).status).toBe(200);
  });

  it('takes as many calls as that version says', async () => {
    const more = await waiting();
    await retriedWith(more, { uses: 'repeated', maxCalls: 2 });
    expect([(await post(more.token)).status, (await post(more.token)).status]).toEqual([200, 200]);
    await expectRefusal(await post(more.token), 410, 'already_resumed');
    const fewer = await waiting({ uses: 'repeated', maxCalls: 2 });
    await retriedWith(fewer, {});
    expect((await post(fewer.token)).status).toBe(200);
    await expectRefusal(await post(fewer.token), 410, 'already_resumed');
  });

  it('takes as many calls as it said itself when it began to wait', async () => {
    const step = await waiting({ uses: 'repeated', maxCalls: 5 });
    const said = { uses: 'repeated', maxCalls: 2, onTimeout: 'fail', timeoutMs: 60_000 };
    await hooks.query(`update step_run set wait = $2 where run_id = $1 and step_id = 'step_2'`, [
      step.runId,
      JSON.stringify(said),
    ]);
    expect([(await post(step.token)).status, (await post(step.token)).status]).toEqual([200, 200]);
    await expectRefusal(await post(step.token), 410, 'already_resumed');
  });

  it('is not resumed beside others by a call that only the others would let in', async () => {
    const step = await waiting();
    await hooks.query(
      `insert into step_run (run_id, step_id, path, workspace_id, flow_id, version_id, status, waiting_for, wait_deadline, due_at)
       select run_id, step_id, '0.1', workspace_id, flow_id, version_id, status, waiting_for, wait_deadline, due_at
       from step_run where run_id = $1 and step_id = 'step_2'`,
      [step.runId],
    );
    await retriedWith(step, { authentication: 'own' }, '0.1');
    await expectRefusal(await post(step.token), 401, 'unauthorized');
    expect((await post(step.token, '{}', basic('ada', 'own'))).status).toBe(200);
    await hooks.query(`update step_run set status = 'succeeded' where run_id = $1 and path = '0.1'`, [step.runId]);
    await expectRefusal(await post(step.token), 410, 'already_resumed');
  });
});

describe('without Postgres', () => {
  it('a call is answered 503 with Retry-After and kept by the next one', async () => {
    const step = await waiting({ uses: 'repeated' });
    expect((await post(step.token)).status).toBe(200);
    await hooks.query('alter table resume rename to resume_away');
    try {
      const answer = await post(step.token);
      expect(answer.headers.get('retry-after')).toBe('5');
      await expectRefusal(answer, 503, 'unavailable');
    } finally {
      await hooks.query('alter table resume_away rename to resume');
    }
    expect((await post(step.token)).status).toBe(200);
    expect(await kept(step)).toHaveLength(2);
  });
});
