import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '@millrace/testing';
import { runStack, type RunningStack } from './support/running-stack.js';
import { allRuns, call, petNames, startTutorialFlow } from './support/tutorial.js';

const requests = 2_000;
const clients = 16;
/** Every service of Millrace. The sandbox stands for an outside system that keeps its pets in memory. */
const killed = ['webhooks-service', 'orchestrator', 'component-webhook', 'component-petstore', 'api'] as const;

let running: RunningStack;
beforeAll(async () => {
  // What a kill of the broker may have taken along is dispatched again soon enough for a test.
  running = await runStack({ orchestrator: { RECONCILE_EVERY_MS: '1000', OVERDUE_GRACE_MS: '5000' } });
});
afterAll(() => running.stop());

/**
 * What happens to the services, act by act. Clients may only send the share of the numbers that belongs to the acts so
 * far, so every act meets traffic.
 */
function acts(): (() => Promise<void>)[] {
  const { stack, broker } = running;
  const kills = killed.map((name) => async () => {
    const service = stack.service(name);
    await service.kill('SIGKILL');
    await sleep(300);
    await service.start();
    await service.waitHealthy();
  });
  const restart = async (): Promise<void> => {
    await broker.restart();
  };
  return [...kills, restart, ...kills, restart, ...kills.slice(0, 4)];
}

it('every request that was answered 200 succeeds, and every number reaches the Petstore, whatever is killed', async () => {
  const { api, stack } = running;
  const flow = await startTutorialFlow(api);
  const program = acts();
  const accepted: string[] = [];
  let next = 0;
  let released = 0;
  let refused = 0;

  async function send(number: number): Promise<void> {
    for (;;) {
      try {
        const answer = await call(flow.webhookUrl, { petname: `pet-${number}`, petstatus: 'sold' });
        if (answer.status === 200) {
          accepted.push(((await answer.json()) as { requestId: string }).requestId);
          return;
        }
        expect(answer.status).toBe(503);
      } catch (error) {
        if (!(error instanceof TypeError || error instanceof DOMException)) throw error;
      }
      refused += 1;
      await sleep(100);
    }
  }

  const senders = Array.from({ length: clients }, async () => {
    while (next < requests) {
      if (next >= released) await sleep(5);
      else await send((next += 1));
    }
  });
  for (const [at, act] of program.entries()) {
    released = Math.ceil((requests * (at + 1)) / program.length);
    await sleep(50);
    await act();
  }
  await Promise.all(senders);
  expect(accepted).toHaveLength(requests);
  expect(refused).toBeGreaterThan(0);

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
  expect(accepted.filter((requestId) => !known.has(requestId))).toEqual([]);
  const names = new Set(await petNames(stack.urls.sandbox, 'sold'));
  const expected = Array.from({ length: requests }, (_, index) => `pet-${index + 1}`);
  expect(expected.filter((name) => !names.has(name))).toEqual([]);
  expect([...names].filter((name) => !expected.includes(name))).toEqual([]);
});
