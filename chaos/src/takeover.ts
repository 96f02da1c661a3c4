import type { Database } from '@millrace/persistence';
import type { Clients } from './clients/clients.js';
import type { Ledger } from './clients/ledger.js';
import { kill } from './faults/all.js';
import { freeze } from './faults/freeze.js';
import type { Inflicted } from './faults/storm.js';
import type { Flows } from './ground.js';
import { readUnfinished } from './judge/read-runs.js';
import { untilFinal } from './quiet.js';
import type { ChaosStack } from './stack/chaos-stack.js';
import type { Instance } from './stack/instance.js';

/**
 * What the work of an orchestrator may take to be done by the other one. The broker hears at once of a process that dies; of
 * one that stops it hears nothing, and gives its messages away after two to three heartbeats of 10 s.
 */
export const takeoverLimitsMs = { killed: 10_000, frozen: 45_000 } as const;

const burst = { clients: 64, perSecond: 1_000, requests: 400 };
const giveUpMs = 90_000;

/** One measurement: from the moment in which it was struck down until the last run accepted before was final. */
export interface Takeover {
  readonly how: keyof typeof takeoverLimitsMs;
  readonly fault: Inflicted;
  /** Runs that had not ended in that moment. */
  readonly underWay: number;
  /** `undefined` when it took longer than anybody wants to wait. */
  readonly tookMs: number | undefined;
}

export interface TakeoverParts {
  readonly database: Database;
  readonly ledger: Ledger;
  readonly clients: Clients;
  readonly flows: Flows;
  readonly say: (text: string) => void;
}

/**
 * A burst of plain requests, and at its end, with the traffic stopped and work under way, one orchestrator is struck down
 * and stays so: everything it held must come to its end in the other one.
 */
export async function measureTakeover(
  { database, ledger, clients, flows, say }: TakeoverParts,
  victim: Instance,
  how: Takeover['how'],
): Promise<Takeover> {
  const { clients: callers, perSecond, requests } = burst;
  await clients.send([flows.plain], { clients: callers, perSecond, until: { requests } });
  return victim.alone(async () => {
    const from = Date.now();
    if (how === 'killed') await victim.service.kill('SIGKILL');
    else victim.freeze();
    const { runs: underWay } = await readUnfinished(database);
    const tookMs = await untilFinal(database, ledger, { withinMs: giveUpMs, say });
    const until = Date.now();
    if (how === 'killed') await victim.start();
    else victim.thaw();
    await victim.settle();
    const fault = { fault: (how === 'killed' ? kill : freeze).name, on: victim.name, forMs: until - from, from, until };
    return { how, fault, underWay, tookMs };
  });
}

/** The orchestrators one after the other; with `frozen` the last one is frozen besides. */
export async function measureTakeovers(
  stack: ChaosStack,
  parts: TakeoverParts,
  { frozen }: { frozen: boolean },
): Promise<Takeover[]> {
  const takeovers: Takeover[] = [];
  const orchestrators = stack.instances.filter(({ role }) => role === 'orchestrator');
  for (const how of frozen ? (['killed', 'frozen'] as const) : (['killed'] as const)) {
    for (const victim of orchestrators) {
      const takeover = await measureTakeover(parts, victim, how);
      parts.say(takeoverSentence(takeover));
      takeovers.push(takeover);
    }
  }
  return takeovers;
}

/** What was too slow. */
export function takeoverFaults(takeovers: readonly Takeover[]): string[] {
  return takeovers
    .filter(({ how, tookMs = Number.POSITIVE_INFINITY }) => tookMs > takeoverLimitsMs[how])
    .map((takeover) => `too slow: ${takeoverSentence(takeover)}`);
}

export function takeoverSentence({ how, fault, underWay, tookMs }: Takeover): string {
  const took = tookMs === undefined ? 'never done' : `done after ${(tookMs / 1_000).toFixed(1)} s`;
  return `${fault.on} ${how} with ${underWay} runs under way: ${took} (at most ${takeoverLimitsMs[how] / 1_000} s)`;
}
