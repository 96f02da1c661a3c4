import { openDatabase } from '@millrace/persistence';
import { type Clients, openClients } from './clients/clients.js';
import { type Ledger, openLedger } from './clients/ledger.js';
import { kill } from './faults/all.js';
import { makePlan } from './faults/plan.js';
import { type Inflicted, storm } from './faults/storm.js';
import { type Flows, makeFlows } from './ground.js';
import { apiFaults } from './judge/api-view.js';
import { unexcused } from './judge/endings.js';
import { type Judgement, judge } from './judge/judge.js';
import { ledgerFaults } from './judge/own-ledger.js';
import { readParked, readRuns, readUnfinished } from './judge/read-runs.js';
import type { ChaosOptions } from './options.js';
import { untilFinal, untilQueuesEmpty } from './quiet.js';
import { randomOf } from './random.js';
import { type ChaosStack, startChaosStack } from './stack/chaos-stack.js';
import type { Ending } from './stack/instance.js';
import { type Takeover, measureTakeovers, takeoverFaults } from './takeover.js';

/** What a test of conservation found. */
export interface ChaosOutcome {
  readonly options: ChaosOptions;
  readonly startedAt: Date;
  readonly tookMs: number;
  readonly requests: number;
  readonly ledger: Ledger;
  readonly runs: number;
  readonly effects: number;
  readonly faults: readonly Inflicted[];
  readonly stormMs: number;
  /** From the end of the last fault until everything accepted had ended. */
  readonly settledMs: number | undefined;
  readonly takeovers: readonly Takeover[];
  /** Processes that ended by themselves; a supervisor started them again. */
  readonly endings: readonly Ending[];
  readonly judgement: Judgement;
  /** All that must not be: what the judgement found, and what is left in queues, parked or unfinished. */
  readonly problems: readonly string[];
  readonly versions: { readonly postgres: string; readonly rabbitmq: string };
}

export type Progress = (text: string) => void;

const stormClients = 40;
const calmTraffic = { clients: 4, perSecond: 40 };
const queuesEmptyWithinMs = 60_000;
const progressEveryMs = 15_000;

/**
 * Sends numbered requests into flows of every kind, first in calm, then through a plan of faults, then in calm again, and
 * judges from Postgres, the API and the targets what became of them.
 */
export async function runChaos(options: ChaosOptions, say: Progress = () => undefined): Promise<ChaosOutcome> {
  const startedAt = new Date();
  const stack = await startChaosStack(randomOf(options.seed ^ 0x7a));
  try {
    say(`${stack.instances.length} processes run`);
    return await conserve(stack, { options, startedAt, say });
  } catch (error) {
    throw new Error(logTails(stack), { cause: error });
  } finally {
    await stack.stop();
  }
}

interface Setting {
  readonly options: ChaosOptions;
  readonly startedAt: Date;
  readonly say: Progress;
}

async function conserve(stack: ChaosStack, { options, startedAt, say }: Setting): Promise<ChaosOutcome> {
  const ledger = openLedger();
  const flows = await makeFlows(stack, ledger);
  const clients = openClients(ledger, randomOf(options.seed));
  const database = await openDatabase({ url: stack.servers.databaseUrl, applicationName: 'judgement', poolSize: 2 });
  const over = new AbortController();
  const attended = Promise.all(flows.all.flatMap(({ flow }) => flow.throughout?.(over.signal) ?? []));
  // It is awaited below; until then its failure must not end the process.
  attended.catch(() => undefined);
  const everything = { withinMs: options.settleWithinMs, pending: () => pendingOf(flows), say };
  try {
    const faults: Inflicted[] = [];
    const calm: { from: number; until: number }[] = [];
    const beCalm = async (): Promise<void> => {
      const from = Date.now();
      await clients.send(flows.called, { ...calmTraffic, until: { requests: options.calmRequests } });
      await untilFinal(database, ledger, everything);
      calm.push({ from, until: Date.now() });
    };
    await beCalm();
    say(`${ledger.accepted.size} requests in calm; the storm begins`);

    const stormAt = Date.now();
    await traffickedStorm(stack, { options, say }, { flows, ledger, clients, faults });
    const stormMs = Date.now() - stormAt;
    await stack.settle();
    const settledMs = await untilFinal(database, ledger, everything);
    say(
      settledMs === undefined ? 'not everything has ended' : `everything has ended after ${Math.round(settledMs)} ms`,
    );

    const parts = { database, ledger, clients, flows, say };
    const takeovers = await measureTakeovers(stack, parts, { frozen: options.freezeOrchestrators });
    faults.push(...takeovers.map(({ fault }) => fault));
    await beCalm();
    await Promise.all(flows.all.flatMap(({ flow }) => flow.close?.() ?? []));
    const undone = (await untilFinal(database, ledger, everything)) === undefined ? pendingOf(flows) : [];
    over.abort();
    await attended;

    const left = await untilQueuesEmpty(stack, queuesEmptyWithinMs);
    const runs = await readRuns(database);
    const { effects } = stack.target;
    const judgement = await judge({ addressees: flows.all, ledger, runs, effects, faults, calm });
    const { examples } = await readUnfinished(database);
    const endings = stack.instances.flatMap((one) => one.endings);
    const flowIds = flows.all.flatMap(({ flow }) => flow.flowIds);
    const problems = [
      ...judgement.lost.map((one) => `lost: ${one}`),
      ...judgement.faults,
      ...[...examples, ...undone].map((one) => `not finished: ${one}`),
      ...left.map((one) => `left in a queue: ${one}`),
      ...(await readParked(database)).map((one) => `parked: ${one}`),
      ...(await ledgerFaults(stack.servers)),
      ...unexcused(endings, faults),
      ...(await apiFaults(flows.api, flowIds, runs)),
      ...takeoverFaults(takeovers),
    ];
    return {
      options,
      startedAt,
      tookMs: Date.now() - startedAt.getTime(),
      requests: clients.count,
      ledger,
      runs: runs.length,
      effects: effects.count,
      faults,
      stormMs,
      settledMs,
      takeovers,
      endings,
      judgement,
      problems,
      versions: { postgres: String(stack.servers.postgresMajor), rabbitmq: stack.servers.broker.version ?? 'unknown' },
    };
  } finally {
    over.abort();
    await database.close();
  }
}

/** What each kind still has to do, or to wait for. */
function pendingOf({ all }: Flows): string[] {
  return all.flatMap(({ name, flow }) => {
    const count = flow.pending?.() ?? 0;
    return count === 0 ? [] : [`${name}: ${count} to be acted on`];
  });
}

/** Traffic into every flow, with what somebody does to the flows meanwhile, for as long as faults go on. */
async function traffickedStorm(
  stack: ChaosStack,
  { options, say }: Pick<Setting, 'options' | 'say'>,
  { flows, ledger, clients, faults }: { flows: Flows; ledger: Ledger; clients: Clients; faults: Inflicted[] },
): Promise<void> {
  const processes = stack.instances
    .filter(({ role }) => role !== 'sandbox')
    .map(({ name, databaseWay }) => ({ name, usesDatabase: databaseWay !== undefined }));
  const plan = makePlan(randomOf(options.seed), { kills: options.kills, processes });
  const over = new AbortController();
  const killed = (): number => faults.filter(({ fault }) => fault === kill.name).length;
  const told = setInterval(() => {
    say(`${killed()} of ${options.kills} kills, ${faults.length} faults, ${ledger.accepted.size} accepted`);
  }, progressEveryMs);
  const { perSecond } = options;
  const traffic = Promise.all([
    clients.send(flows.called, { clients: stormClients, perSecond, until: { stopping: over.signal } }),
    ...flows.all.map(({ flow }) => flow.meanwhile?.(over.signal)),
  ]);
  // It is awaited below; until then its failure must not end the process.
  traffic.catch(() => undefined);
  try {
    await storm(stack, plan, {
      deadline: Date.now() + options.atMostMs,
      onFault(inflicted) {
        faults.push(inflicted);
        if (options.tellEach) say(`${sentenceOf(inflicted)}; ${ledger.accepted.size} accepted`);
      },
    });
  } finally {
    over.abort();
    clearInterval(told);
  }
  await traffic;
}

function logTails({ instances }: ChaosStack): string {
  return instances.map(({ name, service }) => `[${name}]\n${service.lines.slice(-10).join('\n')}`).join('\n');
}

function sentenceOf({ fault, on, how, from, until }: Inflicted): string {
  return `${fault}${how === undefined ? '' : ` (${how})`} of ${on}, over after ${until - from} ms`;
}
