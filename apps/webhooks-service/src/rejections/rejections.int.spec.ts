import { createHash } from 'node:crypto';
import { newId, type FlowId, type RunId, type WorkspaceId } from '@millrace/contracts';
import { insertRejections, openDatabase, type NewRejection } from '@millrace/persistence';
import { eventually, useTestDatabase } from '@millrace/testing';
import { describe, expect, it } from 'vitest';
import { useWebhooksService, type SeededHook } from '../webhooks-service.fixture.js';
import { removeRejections } from './retention.js';

const hooks = useWebhooksService({ env: { MAX_BODY_BYTES: '10000' } });
const retentionDatabase = useTestDatabase();

interface Row {
  id: string;
  status: number;
  reason: string;
  message: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  body_bytes: string | null;
  body_sha256: Buffer | null;
}

async function rejections({ flowId }: SeededHook, count: number): Promise<Row[]> {
  return eventually(
    async () => {
      const rows = await hooks.query<Row>('select * from rejected_request where flow_id = $1 order by id', [flowId]);
      expect(rows).toHaveLength(count);
      return rows;
    },
    { timeoutMs: 5_000 },
  );
}

describe('a refused call of a flow that exists', () => {
  it('is kept with what its owner needs to see why', async () => {
    const flow = await hooks.seed({ config: { methods: ['POST'], rateLimit: { requestsPerSecond: 0.01, burst: 4 } } });
    await hooks.hook(flow.flowId);
    const broken = await hooks.post(`${flow.flowId}/a?b=c`, '{"broken', { 'x-shop': 'pets' });
    await hooks.post(flow.flowId, 'x', { 'content-encoding': 'zip' });
    await hooks.post(flow.flowId, 'x'.repeat(10_001));
    await hooks.post(flow.flowId, '{}');
    await hooks.post(flow.flowId, '{}');
    const rows = await rejections(flow, 5);
    expect(rows.map(({ status, reason }) => [status, reason])).toEqual([
      [405, 'method_not_allowed'],
      [400, 'invalid_body'],
      [415, 'unsupported_encoding'],
      [413, 'body_too_large'],
      [429, 'too_many_requests'],
    ]);
    const { message } = (await broken.json()) as { message: string };
    expect(rows[1]).toMatchObject({
      message,
      method: 'POST',
      path: '/a?b=c',
      headers: { 'x-shop': 'pets' },
      body_bytes: '8',
      body_sha256: createHash('sha256').update('{"broken').digest(),
    });
    expect(rows[1]?.id.replaceAll('-', '')).toBe(broken.headers.get('x-millrace-request-id'));
    expect(rows[3]).toMatchObject({ body_bytes: '10001', body_sha256: null });
  });

  it('is kept when the flow is stopped, and not when there is no such flow', async () => {
    const flow = await hooks.seed({ status: 'stopped' });
    await hooks.post(newId<FlowId>(), '{}');
    await hooks.post(flow.flowId, '{}');
    const [row] = await rejections(flow, 1);
    expect(row).toMatchObject({
      status: 404,
      reason: 'not_found',
      message: expect.stringContaining('does not run') as string,
    });
  });

  it('is kept with the reason that the caller is not told, and without any secret', async () => {
    const fields = { type: 'apiKey', headerName: 'X-Own', queryName: 'k', value: 'opensesame' };
    const flow = await hooks.seed({ fields });
    const headers = {
      'x-own': 'opensesam',
      authorization: 'Bearer gorgonzola',
      cookie: 'a=gorgonzola',
      'x-other': 'y'.repeat(3_000),
    };
    const answer = await hooks.post(`${flow.flowId}?k=wrong&page=2&access_token=gorgonzola`, '{}', headers);
    expect(await answer.text()).not.toContain('The credentials are wrong.');
    const [row] = await rejections(flow, 1);
    expect(row?.message).toContain('The credentials are wrong.');
    expect(row?.path).toBe('?k=•••&page=2&access_token=•••');
    expect(row?.headers).toMatchObject({ 'x-own': '•••', authorization: '•••', cookie: '•••' });
    expect(Buffer.byteLength(row?.headers['x-other'] ?? '')).toBeLessThan(1_100);
    expect(JSON.stringify(row)).not.toMatch(/opensesam|gorgonzola/);
  });

  it.each(['published', 'draft'])(
    'is kept without the secret of the %s credential while the flow is stopped',
    async (whose) => {
      const fields = { type: 'apiKey', headerName: 'X-Own', queryName: 'k', value: 'opensesame' };
      const flow = await hooks.seed({ fields, status: 'stopped' });
      const gone = whose === 'published' ? `draft = '{"steps":[],"edges":[]}'` : 'published_version_id = null';
      await hooks.query(`update flow set ${gone} where id = $1`, [flow.flowId]);
      await hooks.post(`${flow.flowId}?k=opensesame&page=2`, '{}', { 'x-own': 'opensesame', 'x-shop': 'pets' });
      const [row] = await rejections(flow, 1);
      expect(row).toMatchObject({ status: 404, path: '?k=•••&page=2', headers: { 'x-own': '•••', 'x-shop': 'pets' } });
      expect(JSON.stringify(row)).not.toContain('opensesame');
    },
  );

  it.each(['running', 'stopped'])(
    'is kept with harmless headers alone where the credential of a %s flow cannot be used',
    async (status) => {
      const fields = { type: 'apiKey', headerName: 'X-Own', queryName: 'k', value: 'opensesame' };
      const flow = await hooks.seed({ fields, status });
      await hooks.query(`update credential set sealed = 'broken' where id = $1`, [flow.credentialId]);
      await hooks.post(`${flow.flowId}?k=opensesame`, '{}', { 'x-own': 'opensesame' });
      const [row] = await rejections(flow, 1);
      expect(row).toMatchObject({ path: '?k=•••', headers: { 'x-own': '•••', 'content-type': 'application/json' } });
      expect(JSON.stringify(row)).not.toContain('opensesame');
    },
  );

  it('is kept without its signature', async () => {
    const fields = { type: 'hmac', secret: 's', header: 'x-proof', algorithm: 'sha256', encoding: 'hex' };
    const flow = await hooks.seed({ fields });
    await hooks.post(flow.flowId, '{}', { 'x-proof': 'abcdef' });
    const [row] = await rejections(flow, 1);
    expect(row).toMatchObject({ status: 401, headers: { 'x-proof': '•••' }, body_bytes: '2' });
  });

  it('is one of at most 60 a minute that are kept, while every one is answered', async () => {
    const flow = await hooks.seed({ status: 'stopped' });
    const answers = await Promise.all(Array.from({ length: 100 }, () => hooks.post(flow.flowId, '{}')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
    await rejections(flow, 60);
  });

  it('is kept although the service ends right after it', async () => {
    const flow = await hooks.seed({ status: 'stopped' });
    await hooks.post(flow.flowId, '{}');
    await hooks.close();
    await rejections(flow, 1);
  });
});

describe('records of refused calls', () => {
  it('go when they are a week old or more than a thousand newer ones are there', async () => {
    const database = await openDatabase({ url: retentionDatabase.url, applicationName: 'spec' });
    try {
      const workspaceId = newId<WorkspaceId>();
      const flows = [newId<FlowId>(), newId<FlowId>()] as const;
      await database.dataSource.query(`insert into workspace (id, name) values ($1, 'test')`, [workspaceId]);
      for (const id of flows) {
        await database.dataSource.query(
          `insert into flow (id, workspace_id, name, draft) values ($1, $2, 'test', '{}')`,
          [id, workspaceId],
        );
      }
      const record = (flowId: FlowId, receivedAt: number): NewRejection => ({
        id: newId<RunId>(),
        workspaceId,
        flowId,
        receivedAt,
        status: 404,
        reason: 'not_found',
        message: '',
        method: 'GET',
        path: '',
        headers: '{}',
        bodyBytes: null,
        bodySha256: null,
      });
      const old = Array.from({ length: 5 }, () => record(flows[1], Date.now() - 8 * 86_400_000));
      const many = Array.from({ length: 2_300 }, () => record(flows[0], Date.now()));
      await insertRejections(database, [...old, ...many]);
      await insertRejections(database, [many[0]!, record(newId<FlowId>(), Date.now())]);
      await Promise.all([removeRejections(database, flows), removeRejections(database, flows)]);
      const left = await database.dataSource.query<{ id: string }[]>('select id from rejected_request order by id');
      expect(left.map(({ id }) => id)).toEqual(many.slice(-1_000).map(({ id }) => id));
    } finally {
      await database.close();
    }
  });
});
