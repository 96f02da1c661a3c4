import { queues, stepQueue } from '@millrace/contracts';
import { eventually } from '@millrace/testing';
import { expect } from 'vitest';
import { petNames } from '../support/tutorial.js';
import type { Accepted } from './requests.js';
import type { World } from './world.js';

const settledWithinMs = 40_000;

interface Books {
  openRuns: number;
  openSteps: number;
  /** Runs whose counters or status do not fit their step runs. */
  wrong: string[];
  /** Accepted requests of which there is no run. */
  missing: string[];
  /** Ids of messages, one for each time that it is kept. */
  parked: string[];
}

/** What is open and what does not fit, over all runs that there are. */
async function booksOf({ database }: World, { ids }: Accepted): Promise<Books> {
  const [books] = await database.dataSource.query<Books[]>(
    `
    select (select count(*)::int from run where finished_at is null) as "openRuns",
           (select count(*)::int from step_run where finished_at is null) as "openSteps",
           coalesce((select json_agg(message_id) from parked_message), '[]') as parked,
           coalesce((select json_agg(id) from unnest($1::uuid[]) as t (id)
             where not exists (select from run r where r.id = t.id)), '[]') as missing,
           coalesce((select json_agg(r.id || ' ' || r.status) from run r where r.finished_at is not null and (
             r.open_steps <> 0
             or r.failed_steps <> (select count(*) from step_run s where s.run_id = r.id and s.status = 'failed')
             or r.status <> case when r.duplicate_of is not null then 'duplicate'
                                 when r.status = 'cancelled' then 'cancelled'
                                 when r.failed_steps > 0 then 'failed' else 'succeeded' end)), '[]') as wrong`,
    [ids],
  );
  return books!;
}

/** Waits until every accepted request has its run and nothing is under way; then runs fit their steps, and what is parked is what must be. */
export async function expectBalance(world: World, accepted: Accepted): Promise<void> {
  const quiet = [
    queues.triggers,
    queues.results,
    queues.parked,
    stepQueue('webhook'),
    stepQueue('petstore'),
    stepQueue('core'),
  ];
  await eventually(
    async () => {
      const { parked, ...books } = await booksOf(world, accepted);
      expect(books).toEqual({ openRuns: 0, openSteps: 0, wrong: [], missing: [] });
      expect(new Set(parked)).toEqual(world.garbled);
      for (const queue of quiet) expect(await world.messageCount(queue), `in ${queue}`).toBe(0);
    },
    { timeoutMs: settledWithinMs, intervalMs: 100 },
  );
}

/** No queue of the broker holds a message, nor a process one that it has not acknowledged. */
export async function expectEmptyQueues({ broker }: World): Promise<void> {
  await eventually(
    async () => {
      const lines = (await broker.control('list_queues', 'name', 'messages', '--no-table-headers')).split('\n');
      // The tool says other things, too.
      const counts = lines.filter((line) => /^\S+\t[1-9]\d*$/.test(line.trim()));
      expect(counts).toEqual([]);
    },
    { timeoutMs: settledWithinMs, intervalMs: 500 },
  );
}

interface Effect {
  id: string;
  stepId: string;
}

/**
 * Every accepted request has its run, every step that succeeded had its effect, and no effect happened twice but in a run
 * of `cut`, which was under way when the process was killed; there twice at the most.
 */
export async function expectEffects(world: World, accepted: readonly string[], cut: Set<string>): Promise<void> {
  const { database, stack } = world;
  const runs = await database.dataSource.query<{ id: string }[]>(`select replace(id::text, '-', '') as id from run`);
  const known = new Set(runs.map(({ id }) => id));
  expect(new Set(accepted).size).toBe(accepted.length);
  expect(accepted.filter((id) => !known.has(id))).toEqual([]);

  const steps = await database.dataSource.query<Effect[]>(
    `select replace(run_id::text, '-', '') as id, step_id as "stepId" from step_run
     where step_id in ('step_2', 'step_3', 'step_4') and status = 'succeeded' and output::text like '%"status"%' and input::text like '%"name"%'`,
  );
  const pending = countsOf(await petNames(stack.urls.sandbox, 'pending'));
  const pets = {
    step_2: countsOf(await petNames(stack.urls.sandbox, 'sold')),
    step_3: pending,
    step_4: pending,
  };
  const amiss = steps.flatMap(({ id, stepId }) => {
    const count = pets[stepId as keyof typeof pets].get(id) ?? 0;
    return count >= 1 && count <= (cut.has(id) ? 2 : 1) ? [] : [`${id} ${stepId} had ${count} effects`];
  });
  expect(amiss).toEqual([]);
}

function countsOf(names: string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** Ids of all runs, and of those that began after a time. */
export async function runsSince({ database }: World, since: Date): Promise<string[]> {
  const rows = await database.dataSource.query<{ id: string }[]>(
    `select replace(id::text, '-', '') as id from run where started_at >= $1`,
    [since],
  );
  return rows.map(({ id }) => id);
}
