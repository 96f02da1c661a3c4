import { eventually } from '@millrace/testing';
import { expect } from 'vitest';
import { makeAbandoned } from './hurry.js';
import type { Scenario } from './scenario.js';
import type { World } from './world.js';

const endsWithinMs = 20_000;

interface ScheduleState {
  lastStatus: string | null;
  lastOutputs: number | null;
}

const pathOf = ({ flows }: World, act: string): string => `/v1/flows/${flows.polled.id}/${act}`;
const scheduleOf = (world: World): Promise<ScheduleState> => world.api.get<ScheduleState>(pathOf(world, 'schedule'));

async function pollRuns({ database, flows }: World): Promise<number> {
  const [row] = await database.dataSource.query<{ count: number }[]>(
    'select count(*)::int as count from run where flow_id = $1',
    [flows.polled.id],
  );
  return row?.count ?? 0;
}

async function polled(world: World, outputs: number): Promise<void> {
  await eventually(
    async () => expect(await scheduleOf(world)).toMatchObject({ lastStatus: 'succeeded', lastOutputs: outputs }),
    { timeoutMs: endsWithinMs },
  );
}

/** Resolves once it is noted that the poll under way is sent: what is written before that would be written over. */
async function noted({ database, flows }: World): Promise<void> {
  const text = 'select resend_at as "resendAt" from schedule where flow_id = $1';
  await eventually(
    async () => expect(await database.dataSource.query(text, [flows.polled.id])).toEqual([{ resendAt: null }]),
    { timeoutMs: endsWithinMs },
  );
}

/** A flow with an interval is polled as it starts, and then not for an hour. What it finds is one pet. */
function poll(finds: 'pet' | 'nothing'): Required<Pick<Scenario, 'provoke' | 'after'>> & Pick<Scenario, 'service'> {
  let before = 0;
  return {
    service: 'orchestrator',
    async provoke(world) {
      if (finds === 'pet') await world.api.post(pathOf(world, 'snapshot/reset'));
      else if ((await scheduleOf(world)).lastStatus === null) {
        await world.api.post(pathOf(world, 'start'));
        await polled(world, 1);
        await world.api.post(pathOf(world, 'stop'));
      }
      before = await pollRuns(world);
      await world.api.post(pathOf(world, 'start'));
    },
    async after(world) {
      await makeAbandoned(world);
      await polled(world, finds === 'pet' ? 1 : 0);
      await world.api.post(pathOf(world, 'stop'));
      expect(await pollRuns(world)).toBe(before + (finds === 'pet' ? 1 : 0));
    },
  };
}

const found = poll('pet');

export const pollScenarios = {
  'polls.begun': found,
  'polls.sent': found,
  'polls.taken': {
    ...found,
    async provoke(world, accepted, over) {
      await world.service('component-petstore').kill();
      await found.provoke(world, accepted, over);
      await eventually(async () => expect((await scheduleOf(world)).lastStatus).toBe('running'), {
        timeoutMs: endsWithinMs,
      });
      await noted(world);
      // As if whoever began it had not come to note that it is sent.
      const { flows, database } = world;
      await database.dataSource.query('update schedule set resend_at = now() where flow_id = $1', [flows.polled.id]);
    },
    async after(world, accepted) {
      await world.service('component-petstore').start();
      await world.service('component-petstore').waitHealthy();
      await found.after(world, accepted);
    },
  },
  'results.pollSettled': found,
  'results.pollRemoved': poll('nothing'),
} satisfies Record<string, Scenario>;
