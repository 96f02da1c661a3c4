import { eventually } from '@millrace/testing';
import { expect } from 'vitest';
import type { Run } from '../support/tutorial.js';
import { makeAbandoned } from './hurry.js';
import type { Accepted } from './requests.js';
import { withoutPetstore, type Scenario } from './scenario.js';
import type { World } from './world.js';

const endsWithinMs = 20_000;

async function becomes({ api }: World, id: string | undefined, status: string): Promise<void> {
  await eventually(async () => expect((await api.get<Run>(`/v1/runs/${id}`)).status).toBe(status), {
    timeoutMs: endsWithinMs,
  });
}

/** Somebody who is cut off by the kill. */
async function tries(call: Promise<unknown>): Promise<void> {
  await call.catch(() => undefined);
}

/** A run whose step waits in the queue is cancelled. */
const cancelled: Pick<Scenario, 'service' | 'provoke' | 'after'> = {
  service: 'api',
  async provoke(world, accepted) {
    const runId = await withoutPetstore(world, accepted);
    await tries(world.api.post(`/v1/runs/${runId}/cancel`));
  },
  async after(world, { ids }) {
    await makeAbandoned(world);
    await becomes(world, ids[0], 'cancelled');
    await world.service('component-petstore').start();
    await world.service('component-petstore').waitHealthy();
  },
};

/** How many replays there are of runs. */
async function replaysOf({ database }: World, { ids }: Accepted): Promise<number> {
  const [row] = await database.dataSource.query<{ count: number }[]>(
    `select count(*)::int as count from run where replace(replay_of::text, '-', '') = any ($1)`,
    [ids],
  );
  return row?.count ?? 0;
}

interface Job {
  status: string;
  done: number;
  filter: { from: string };
}

const replayedInBulk = 2;

/** A job that replays some runs, each of them once. */
const replayJob: Pick<Scenario, 'service' | 'provoke' | 'after'> = {
  service: 'api',
  async provoke(world, accepted) {
    const { api, flows } = world;
    const from = new Date().toISOString();
    for (let number = 0; number < replayedInBulk; number += 1) {
      expect(await accepted.send(flows.plain.webhookUrl, {})).toBe(true);
    }
    for (const id of accepted.ids) await becomes(world, id, 'succeeded');
    await tries(api.post('/v1/runs/bulk', { action: 'replay', filter: { flowId: flows.plain.id, from } }));
  },
  async after(world, accepted) {
    await makeAbandoned(world);
    await eventually(
      async () => {
        const { items } = await world.api.get<{ items: Job[] }>('/v1/jobs?limit=1');
        expect(items).toMatchObject([{ status: 'done', done: replayedInBulk }]);
        expect(await replaysOf(world, accepted)).toBe(replayedInBulk);
      },
      { timeoutMs: endsWithinMs },
    );
  },
};

export const actScenarios = {
  'cancel.marked': cancelled,
  'cancel.stepsEnded': cancelled,
  'retry.begun': {
    service: 'api',
    async provoke(world, accepted) {
      world.petstore.failNext = 1;
      expect(await accepted.send(world.flows.fragile.webhookUrl, {})).toBe(true);
      await becomes(world, accepted.ids[0], 'failed');
      await tries(world.api.post(`/v1/runs/${accepted.ids[0]}/retry`));
    },
    after: (world, { ids }) => becomes(world, ids[0], 'succeeded'),
  },
  'replay.confirmed': {
    service: 'api',
    async provoke(world, accepted) {
      expect(await accepted.send(world.flows.plain.webhookUrl, {})).toBe(true);
      await becomes(world, accepted.ids[0], 'succeeded');
      await tries(world.api.post(`/v1/runs/${accepted.ids[0]}/replay`));
    },
    async after(world, accepted) {
      await eventually(async () => expect(await replaysOf(world, accepted)).toBe(1), { timeoutMs: endsWithinMs });
    },
  },
  'job.written': replayJob,
  'job.counted': replayJob,
  'job.acted': replayJob,
  'job.replayed': replayJob,
} satisfies Record<string, Scenario>;
