import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '@millrace/persistence';
import type { Ledger } from './clients/ledger.js';
import { fullQueues } from './judge/queues.js';
import { readUnfinished } from './judge/read-runs.js';
import type { ChaosStack } from './stack/chaos-stack.js';

const pollMs = 100;
const tellEveryMs = 5_000;

export interface WaitingOptions {
  readonly withinMs: number;
  /** What is still to be done besides, by kind; nothing when it is left out. */
  readonly pending?: () => readonly string[];
  /** Told every few seconds what is still missing. */
  readonly say: (text: string) => void;
}

/** Resolves with the milliseconds until every accepted run was there and had ended; `undefined` after `withinMs`. */
export async function untilFinal(
  database: Database,
  ledger: Ledger,
  { withinMs, pending = () => [], say }: WaitingOptions,
): Promise<number | undefined> {
  const from = performance.now();
  let tellAt = from + tellEveryMs;
  while (performance.now() - from < withinMs) {
    const { runs, steps, examples } = await readUnfinished(database);
    const absent = await missing(database, ledger);
    const undone = pending();
    if (runs === 0 && absent === 0 && undone.length === 0) return performance.now() - from;
    if (performance.now() > tellAt) {
      tellAt += tellEveryMs;
      say(
        `still ${absent} accepted without a run, ${runs} runs and ${steps} steps open, such as ${examples.join('; ')}` +
          undone.map((one) => `; ${one}`).join(''),
      );
    }
    await sleep(pollMs);
  }
  return undefined;
}

/** Accepted ids of which there is no run yet. */
async function missing({ dataSource }: Database, { accepted }: Ledger): Promise<number> {
  // Ids come in the order of time, so the last ones are those that may still be on their way.
  const latest = [...accepted.keys()].slice(-5_000);
  const [row]: { count: number }[] = await dataSource.query(
    'select count(*)::int as count from unnest($1::uuid[]) as t (id) where not exists (select from run r where r.id = t.id)',
    [latest],
  );
  return row?.count ?? 0;
}

/** Resolves with what is left in the queues once nothing is, or after `withinMs`. Late copies take a while to be absorbed. */
export async function untilQueuesEmpty({ servers }: ChaosStack, withinMs: number): Promise<string[]> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const full = await fullQueues(servers.broker);
    if (full.length === 0 || performance.now() > deadline) return full;
    await sleep(pollMs * 5);
  }
}
