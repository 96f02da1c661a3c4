import type { FileReference, Json } from '@millrace/contracts';
import { maxSampleBytes } from '@millrace/persistence';
import { eventually } from '@millrace/testing';
import { describe, expect, it } from 'vitest';
import { basic, useWebhooksService, type SeededHook } from '../webhooks-service.fixture.js';

const hooks = useWebhooksService();

/** Has the trigger of a flow wait for a sample, in the way the control plane does. */
async function arm({ flowId, workspaceId }: SeededHook, minutes = 10): Promise<void> {
  await hooks.query(
    `insert into sample_capture (flow_id, step_id, workspace_id, expires_at)
     values ($1, 'step_1', $2, now() + make_interval(mins => $3))`,
    [flowId, workspaceId, minutes],
  );
  await hooks.invalidate({ flowIds: [flowId] });
  await new Promise((resolve) => setTimeout(resolve, 100));
}

const samples = ({ flowId }: SeededHook) =>
  hooks.query<{ step_id: string; source: string; output: Json; request_id: string }>(
    'select step_id, source, output, request_id from sample where flow_id = $1',
    [flowId],
  );

const isArmed = async ({ flowId }: SeededHook): Promise<boolean> =>
  (await hooks.query('select 1 from sample_capture where flow_id = $1', [flowId])).length === 1;

describe('a flow whose trigger waits for a sample', () => {
  it('that was never started takes the next authentic call as the sample, runs nothing and takes no more', async () => {
    const fields = { type: 'basic', username: 'a', password: 'b' };
    const flow = await hooks.seed({ fields, status: 'draft', config: { methods: ['POST'] } });
    expect((await hooks.post(flow.flowId, '{}', basic('a', 'b'))).status).toBe(404);
    await arm(flow);
    expect((await hooks.post(flow.flowId, '{"forged":1}')).status).toBe(401);
    expect((await hooks.post(flow.flowId, '{"broken', basic('a', 'b'))).status).toBe(400);
    expect((await hooks.hook(flow.flowId)).status).toBe(405);
    const answer = await hooks.post(flow.flowId, '{"petname":"Gromit"}', basic('a', 'b'));
    expect([answer.status, await answer.json()]).toMatchObject([200, { message: 'thank you' }]);
    const requestId = answer.headers.get('x-millrace-request-id');
    const [sample] = await samples(flow);
    expect(sample).toMatchObject({ step_id: 'step_1', source: 'captured', output: { petname: 'Gromit' } });
    expect(sample?.request_id.replaceAll('-', '')).toBe(requestId);
    expect((await hooks.post(flow.flowId, '{}', basic('a', 'b'))).status).toBe(404);
    expect(hooks.received).toHaveLength(0);
  });

  it('that runs also runs, and the same call is the sample', async () => {
    const flow = await hooks.seed();
    await arm(flow);
    expect((await hooks.post(flow.flowId, '{"n":1}')).status).toBe(200);
    expect((await hooks.post(flow.flowId, '{"n":2}')).status).toBe(200);
    expect(await samples(flow)).toMatchObject([{ output: { n: 1 } }]);
    expect(await hooks.triggers(2)).toHaveLength(2);
  });

  it('that runs answers within about a second while Postgres is slow, and the call still becomes the sample', async () => {
    const flow = await hooks.seed();
    await arm(flow);
    const slow = hooks.query(`do $$ begin lock table sample in access exclusive mode; perform pg_sleep(3); end $$`);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const startedMs = performance.now();
    const statuses = await Promise.all(
      [1, 2, 3].map(async (n) => (await hooks.post(flow.flowId, `{"n":${n}}`)).status),
    );
    expect(statuses).toEqual([200, 200, 200]);
    expect(performance.now() - startedMs).toBeLessThan(2_000);
    await slow;
    await eventually(async () => expect(await samples(flow)).toHaveLength(1));
  });

  it('keeps one of many calls at the same time, which are all answered by what became of them', async () => {
    const flow = await hooks.seed({ status: 'stopped' });
    await arm(flow);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => hooks.post(flow.flowId, JSON.stringify({ n }))),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 404)).toHaveLength(19);
    expect(await samples(flow)).toMatchObject([{ output: { n: statuses.indexOf(200) } }]);
  });

  it('takes no call when its time is over', async () => {
    const flow = await hooks.seed({ status: 'stopped' });
    await arm(flow, -1);
    expect((await hooks.post(flow.flowId, '{}')).status).toBe(404);
    expect(await samples(flow)).toEqual([]);
  });

  it('refuses a call that is too large for a sample, says so in its record, and waits for the next one', async () => {
    const flow = await hooks.seed({ status: 'stopped' });
    await arm(flow);
    const large = JSON.stringify({ text: 'x'.repeat(1_100_000) });
    const refused = await hooks.post(flow.flowId, large);
    expect([refused.status, await refused.json()]).toMatchObject([
      413,
      { code: 'body_too_large', limitBytes: maxSampleBytes },
    ]);
    expect(await isArmed(flow)).toBe(true);
    await eventually(async () => {
      const text = 'select message from rejected_request where flow_id = $1';
      const [record] = await hooks.query<{ message: string }>(text, [flow.flowId]);
      expect(record?.message).toContain('too large for a sample');
    });
    expect((await hooks.post(flow.flowId, '{"small":1}')).status).toBe(200);
    expect(await samples(flow)).toMatchObject([{ output: { small: 1 } }]);
    expect(await isArmed(flow)).toBe(false);
  });

  it('keeps the files of its sample, and none of a call that came too late', async () => {
    const flow = await hooks.seed({ status: 'stopped' });
    await arm(flow);
    const upload = () => hooks.post(flow.flowId, Buffer.from('bytes'), { 'content-type': 'image/png' });
    const statuses = (await Promise.all([upload(), upload()])).map(({ status }) => status);
    expect(statuses.sort((a, b) => a - b)).toEqual([200, 404]);
    const [sample] = await samples(flow);
    const output = sample?.output as unknown as { file: FileReference } | undefined;
    expect(await hooks.query('select id from attachment where workspace_id = $1', [flow.workspaceId])).toEqual([
      { id: output?.file.id },
    ]);
  });
});
