import { createCredential, createRunningFlow } from '@millrace/dev';
import { eventually } from '@millrace/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mixedRequest, sha256 } from './support/mixed-bodies.js';
import { killAndRestart, runStack, type RunningStack } from './support/running-stack.js';
import { trafficThrough } from './support/traffic.js';
import { allRuns, type Run } from './support/tutorial.js';

const requests = 10_000;
const readers = 16;

let running: RunningStack;
beforeAll(async () => {
  running = await runStack({ orchestrator: { RECONCILE_EVERY_MS: '1000', OVERDUE_GRACE_MS: '5000' } });
});
afterAll(() => running.stop());

interface File {
  id: string;
  name: string;
  contentType: string;
  size: number;
  url: string;
}

/** The output with each file as what it was: the bytes behind its URL in place of id and URL. */
async function withBytes(output: unknown): Promise<unknown> {
  if (typeof output !== 'object' || output === null || Array.isArray(output)) return output;
  const entries = Object.entries(output).map(async ([name, value]) => {
    if (typeof value !== 'object' || value === null || !('url' in value)) return [name, value] as const;
    const { id, url, ...file } = value as File;
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    const answer = await fetch(url);
    expect(answer.status).toBe(200);
    return [name, { ...file, sha256: sha256(new Uint8Array(await answer.arrayBuffer())) }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

it('every request of every type that was answered 200 has its run with what was sent, files byte for byte', async () => {
  const { api, stack, broker } = running;
  const credentialId = await createCredential(api, { component: 'webhook', name: 'Open', fields: { type: 'none' } });
  const trigger = { id: 'step_1', component: 'webhook', operation: 'receive', credentialId };
  const flow = await createRunningFlow(api, { name: 'Everything', draft: { steps: [trigger], edges: [] } });
  const ingest = (): Promise<void> => killAndRestart(stack, 'webhooks-service');
  const restart = (): Promise<void> => broker.restart();
  const { accepted, repeated } = await trafficThrough({
    requests,
    clients: 32,
    acts: [ingest, restart, ingest, () => killAndRestart(stack, 'orchestrator'), ingest, restart, ingest],
    send(number) {
      const { headers, body } = mixedRequest(number);
      return fetch(flow.webhookUrl, {
        method: 'POST',
        headers,
        body: Buffer.isBuffer(body) ? new Uint8Array(body) : body,
        signal: AbortSignal.timeout(20_000),
      });
    },
  });
  expect(accepted.size).toBe(requests);
  expect(repeated).toBeGreaterThan(0);

  await stack.waitHealthy();
  const runs = await eventually(
    async () => {
      const found = await allRuns(api, flow.id);
      expect(found.filter(({ status }) => status !== 'succeeded').map(({ id, status }) => ({ id, status }))).toEqual(
        [],
      );
      expect(found.length).toBeGreaterThanOrEqual(requests);
      return new Map(found.map((run) => [run.id.replaceAll('-', ''), run]));
    },
    { timeoutMs: 120_000, intervalMs: 2_000 },
  );
  const left = [...accepted];
  await Promise.all(
    Array.from({ length: readers }, async () => {
      for (let one = left.pop(); one; one = left.pop()) {
        const [requestId, number] = one;
        const output = outputOf(runs.get(requestId));
        expect(await withBytes(output), `request ${number}, run ${requestId}`).toEqual(mixedRequest(number).expected);
      }
    }),
  );
});

function outputOf(run: Run | undefined): unknown {
  return run?.steps[0]?.output;
}
