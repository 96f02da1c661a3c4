import { newId, type FlowId } from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import { eventually } from '@millrace/testing';
import { basic, useWebhooksService } from '../webhooks-service.fixture.js';

const hooks = useWebhooksService();

const setStatus = (flowId: string, status: string): Promise<unknown> =>
  hooks.query('update flow set status = $2 where id = $1', [flowId, status]);

describe('a change that the control plane announces', () => {
  it('of a flow is effective for the calls after the announcement, again and again', async () => {
    const flow = await hooks.seed();
    const late: number[] = [];
    for (let change = 0; change < 20; change += 1) {
      const status = change % 2 === 0 ? 'stopped' : 'running';
      await setStatus(flow.flowId, status);
      await hooks.invalidate({ flowIds: [flow.flowId] });
      const announcedAt = performance.now();
      const expected = status === 'running' ? 200 : 404;
      await eventually(async () => expect((await hooks.post(flow.flowId, '{}')).status).toBe(expected), {
        timeoutMs: 1_000,
      });
      late.push(performance.now() - announcedAt);
    }
    expect(Math.max(...late)).toBeLessThan(1_000);
  });

  it('of a credential is effective for the calls after the announcement', async () => {
    const flow = await hooks.seed();
    expect((await hooks.post(flow.flowId, '{}')).status).toBe(200);
    const sealed = hooks.seal(flow, { type: 'basic', username: 'a', password: 'b' });
    await hooks.query('update credential set sealed = $2 where id = $1', [flow.credentialId, sealed]);
    await hooks.invalidate({ credentialIds: [flow.credentialId] });
    await eventually(async () => expect((await hooks.post(flow.flowId, '{}')).status).toBe(401), { timeoutMs: 1_000 });
    expect((await hooks.post(flow.flowId, '{}', basic('a', 'b'))).status).toBe(200);
  });
});

describe('a running flow', () => {
  it('is found by every call, while everything that is kept is forgotten again and again', async () => {
    const flow = await hooks.seed();
    const calling = new AbortController();
    const forgetting = (async () => {
      while (!calling.signal.aborted) {
        await hooks.invalidate({ flowIds: [flow.flowId], credentialIds: [flow.credentialId] });
      }
    })();
    const statuses = new Set<number>();
    for (let call = 0; call < 300; call += 1) statuses.add((await hooks.post(flow.flowId, '{}')).status);
    calling.abort();
    await forgetting;
    expect([...statuses]).toEqual([200]);
  });

  it('is never answered 404 because what was kept is gone and Postgres is away: it is 503, then 200 again', async () => {
    const flow = await hooks.seed();
    expect((await hooks.post(flow.flowId, '{}')).status).toBe(200);
    await hooks.query('alter table flow rename to flow_away');
    await hooks.invalidate({ flowIds: [flow.flowId] });
    const statuses = new Set<number>();
    try {
      await eventually(async () => expect((await hooks.post(flow.flowId, '{}')).status).toBe(503), {
        timeoutMs: 2_000,
      });
      for (let call = 0; call < 10; call += 1) statuses.add((await hooks.post(flow.flowId, '{}')).status);
    } finally {
      await hooks.query('alter table flow_away rename to flow');
    }
    expect([...statuses]).toEqual([503]);
    expect((await hooks.post(flow.flowId, '{}')).status).toBe(200);
  });
});

describe('a flow that is polled', () => {
  it('takes no calls, from the moment on at which such a version is published', async () => {
    const flow = await hooks.seed();
    expect((await hooks.post(flow.flowId, '{}')).status).toBe(200);
    const definition = {
      steps: [{ id: 'step_1', component: 'timer', operation: 'tick', schedule: { everySeconds: 60 } }],
      edges: [],
    };
    await hooks.query('update flow_version set definition = $2 where flow_id = $1', [
      flow.flowId,
      JSON.stringify(definition),
    ]);
    await hooks.invalidate({ flowIds: [flow.flowId] });
    await eventually(async () => expect((await hooks.post(flow.flowId, '{}')).status).toBe(404), { timeoutMs: 1_000 });
  });
});

describe('calls of flows that are not known', () => {
  it('are answered 503 beyond a thousand that wait for Postgres, and flows that are known go on', async () => {
    const flow = await hooks.seed();
    expect((await hooks.post(flow.flowId, '{}')).status).toBe(200);
    const slow = hooks.query(`do $$ begin lock table flow in access exclusive mode; perform pg_sleep(2); end $$`);
    await new Promise((resolve) => setTimeout(resolve, 200));
    // Pipelined, since so many connections take longer to open than Postgres is away.
    const guess = (close: boolean): string =>
      `GET /hook/${newId<FlowId>()} HTTP/1.1\r\nhost: x\r\n${close ? 'connection: close\r\n' : ''}\r\n`;
    const guesses = Array.from({ length: 11 }, () =>
      hooks.raw(Array.from({ length: 100 }, (_, at) => guess(at === 99)).join('')),
    );
    expect((await hooks.post(flow.flowId, '{}')).status).toBe(200);
    const said = (await Promise.all(guesses)).join('');
    await slow;
    expect(said.match(/"code":"overloaded"/g)?.length).toBeGreaterThanOrEqual(100);
    expect(said).toContain('"code":"not_found"');
  });
});

describe('a paused flow', () => {
  it('takes calls as if it ran, and its callers wait for no step that would answer them', async () => {
    const flow = await hooks.seed({ status: 'paused' });
    const answer = await hooks.post(flow.flowId, '{"n":1}');
    expect([answer.status, await answer.json()]).toMatchObject([200, { message: 'thank you' }]);
    const replying = await hooks.seed({ status: 'paused', replies: true });
    expect((await hooks.post(replying.flowId, '{}')).status).toBe(200);
    const triggers = await hooks.triggers(2);
    expect(triggers.map(({ flowId, versionId, request }) => [flowId, versionId, request.replyTo])).toEqual([
      [flow.flowId, flow.versionId, undefined],
      [replying.flowId, replying.versionId, undefined],
    ]);
  });
});
