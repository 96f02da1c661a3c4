import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '@millrace/testing';
import { killAndRestart, runStack, type RunningStack } from './support/running-stack.js';
import { trafficThrough } from './support/traffic.js';
import { allRuns, call, petNames, startTutorialFlow } from './support/tutorial.js';

const requests = 2_000;
/** Every service of Millrace. The sandbox stands for an outside system that keeps its pets in memory. */
const killed = ['webhooks-service', 'orchestrator', 'component-webhook', 'component-petstore', 'api'] as const;

let running: RunningStack;
beforeAll(async () => {
  // What a kill of the broker may have taken along is dispatched again soon enough for a test.
  running = await runStack({ orchestrator: { RECONCILE_EVERY_MS: '1000', OVERDUE_GRACE_MS: '5000' } });
});
afterAll(() => running.stop());

it('every request that was answered 200 succeeds, and every number reaches the Petstore, whatever is killed', async () => {
  const { api, stack, broker } = running;
  const flow = await startTutorialFlow(api);
  const kills = killed.map((name) => () => killAndRestart(stack, name));
  const { accepted, repeated } = await trafficThrough({
    requests,
    clients: 16,
    acts: [...kills, () => broker.restart(), ...kills, () => broker.restart(), ...kills.slice(0, 4)],
    send: (number) => call(flow.webhookUrl, { petname: `pet-${number}`, petstatus: 'sold' }),
  });
  expect(accepted.size).toBe(requests);
  expect(repeated).toBeGreaterThan(0);

  await stack.waitHealthy();
  const runs = await eventually(
    async () => {
      const found = await allRuns(api, flow.id);
      const unfinished = found.filter((run) => run.status !== 'succeeded');
      expect(unfinished.map(({ id, status }) => ({ id, status }))).toEqual([]);
      expect(found.length).toBeGreaterThanOrEqual(requests);
      return found;
    },
    { timeoutMs: 120_000, intervalMs: 1_000 },
  );
  const known = new Set(runs.map((run) => run.id.replaceAll('-', '')));
  expect([...accepted.keys()].filter((requestId) => !known.has(requestId))).toEqual([]);
  const names = new Set(await petNames(stack.urls.sandbox, 'sold'));
  const expected = Array.from({ length: requests }, (_, index) => `pet-${index + 1}`);
  expect(expected.filter((name) => !names.has(name))).toEqual([]);
  expect([...names].filter((name) => !expected.includes(name))).toEqual([]);
});
