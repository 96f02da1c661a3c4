import { setTimeout as sleep } from 'node:timers/promises';
import { fullLoad } from './load/full-load.js';
import { oneByOne, steady } from './load/paced-load.js';
import { tidy, transactions, untilReported, untilRunsFinished } from './measure/database.js';
import { type NamedProcess, processorSeconds } from './measure/processes.js';
import { percentile } from './measure/statistics.js';
import { toggleProfilers } from './profile/profiling.js';
import type { RunningSide } from './sides/side.js';
import type { PetTarget } from './target/start-target.js';

const drainTimeoutMs = 120_000;
/** What one side's broker and database still do after a load must not meet the other side's turn. */
const settleMs = 1_000;
const idlePauseMs = 20;

/** What a round needs besides the side that is measured. */
export interface Bench {
  readonly adminUrl: string;
  readonly target: PetTarget;
  readonly connections: number;
  /** Processes besides those of the side. */
  readonly servers: readonly NamedProcess[];
}

/** What one load with as many requests as are answered showed. */
export interface LoadFigures {
  readonly acceptedPerSecond: number;
  /** Requests by the time from the first of them until the last run was finished. */
  readonly finishedPerSecond: number;
  readonly answerP50Ms: number;
  readonly answerP99Ms: number;
  /** From request to pet stored; holds the backlog, for requests are accepted faster than runs are finished. */
  readonly storedP50Ms: number;
  readonly storedP99Ms: number;
  readonly duplicates: number;
  /** Processor milliseconds per run, by process. */
  readonly processorMs: Readonly<Record<string, number>>;
  /** Resolves once the database has reported; the side must stay idle until then. */
  readonly transactionsPerRun: () => Promise<number>;
}

/** Times of a load that leaves no backlog. */
export interface PacedFigures {
  readonly answerP50Ms: number;
  readonly answerP99Ms: number;
  readonly storedP50Ms: number;
  readonly storedP99Ms: number;
}

/** Loads one side with `amount` requests, which take turns at the flows that are named, and waits until all of their runs are finished. */
export async function loadRound(
  bench: Bench,
  side: RunningSide,
  amount: number,
  options: { profile?: boolean; signed?: boolean; flowIds?: readonly string[] | undefined } = {},
): Promise<LoadFigures> {
  const { adminUrl, target, connections } = bench;
  await tidy(adminUrl, side.databaseUrl);
  await sleep(settleMs);
  const processes = [...side.processes, ...bench.servers];
  const transactionsBefore = await transactions(adminUrl, side.databaseUrl);
  const processorBefore = processes.map((one) => processorSeconds(one));
  const pids = side.processes.map(({ pid }) => pid);
  if (options.profile) toggleProfilers(pids);

  const { flowIds } = options;
  const { hookUrl: url, sign } = (options.signed ? side.extras?.signed : undefined) ?? { hookUrl: side.hookUrl };
  const watch = target.watch(amount);
  const since = new Date();
  const startedAt = performance.now();
  const [load, pets] = await Promise.all([
    fullLoad({ url, flowIds, phase: watch.phase, amount, connections, sign }),
    watch.all(drainTimeoutMs),
  ]);
  const asked = await untilRunsFinished(side.databaseUrl, since, drainTimeoutMs);
  const endedAt = performance.now();

  if (options.profile) toggleProfilers(pids);
  const processorMs = processes.map((one, index) => {
    const seconds = processorSeconds(one) - (processorBefore[index] ?? Number.NaN);
    return [one.name, (seconds * 1000) / amount] as const;
  });
  return {
    acceptedPerSecond: amount / load.seconds,
    finishedPerSecond: amount / ((endedAt - startedAt) / 1000),
    answerP50Ms: percentile(load.answersMs, 0.5),
    answerP99Ms: percentile(load.answersMs, 0.99),
    storedP50Ms: percentile(pets.latenciesMs, 0.5),
    storedP99Ms: percentile(pets.latenciesMs, 0.99),
    duplicates: pets.duplicates,
    processorMs: Object.fromEntries(processorMs),
    async transactionsPerRun() {
      await untilReported(endedAt);
      return ((await transactions(adminUrl, side.databaseUrl)) - transactionsBefore - asked) / amount;
    },
  };
}

/** Sends requests one at a time to a side that has nothing else to do. */
export async function idleRound(bench: Bench, side: RunningSide, count: number): Promise<PacedFigures> {
  const watch = bench.target.watch(count, { tellEach: true });
  const [answersMs, pets] = await Promise.all([
    oneByOne({ url: side.hookUrl, watch, count }, idlePauseMs),
    watch.all(drainTimeoutMs),
  ]);
  return paced(answersMs, pets.latenciesMs);
}

/** Sends requests at a rate that both sides can keep up with. */
export async function steadyRound(
  bench: Bench,
  side: RunningSide,
  { perSecond, seconds }: { perSecond: number; seconds: number },
): Promise<PacedFigures> {
  const count = perSecond * seconds;
  const watch = bench.target.watch(count);
  const [answersMs, pets] = await Promise.all([
    steady({ url: side.hookUrl, watch, count }, perSecond),
    watch.all(drainTimeoutMs),
  ]);
  return paced(answersMs, pets.latenciesMs);
}

function paced(answersMs: number[], storedMs: Float64Array): PacedFigures {
  return {
    answerP50Ms: percentile(answersMs, 0.5),
    answerP99Ms: percentile(answersMs, 0.99),
    storedP50Ms: percentile(storedMs, 0.5),
    storedP99Ms: percentile(storedMs, 0.99),
  };
}
