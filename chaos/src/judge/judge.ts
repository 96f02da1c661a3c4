import type { Addressee } from '../clients/clients.js';
import type { Ledger } from '../clients/ledger.js';
import type { Inflicted } from '../faults/storm.js';
import type { Known } from '../kinds/kind.js';
import type { Effects } from '../target/effects.js';
import { type Duplicate, duplicatesOf } from './duplicates.js';
import type { JudgedRun } from './judged-run.js';

export interface Evidence {
  readonly addressees: readonly Addressee[];
  readonly ledger: Ledger;
  readonly runs: readonly JudgedRun[];
  readonly effects: Effects;
  readonly faults: readonly Inflicted[];
  /** Times without any fault, in milliseconds since the epoch: whatever began then has its effects exactly once. */
  readonly calm: readonly { readonly from: number; readonly until: number }[];
}

export interface Judgement {
  /** Accepted ids of which there is no run. */
  readonly lost: readonly string[];
  /** Runs by kind and final state. */
  readonly finals: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** Runs of calls that nobody was told to be accepted. */
  readonly unanswered: number;
  readonly duplicates: readonly Duplicate[];
  /** Everything that must not be. */
  readonly faults: readonly string[];
}

/** Holds what Postgres and the targets have against what clients were told. */
export async function judge(evidence: Evidence): Promise<Judgement> {
  const { addressees, ledger, runs, effects } = evidence;
  const kindOf = new Map(addressees.flatMap((kind) => kind.flow.flowIds.map((flowId) => [flowId, kind])));
  const known = new Set(runs.map(({ id }) => id));
  const lost = [...ledger.accepted.values()].filter(({ runId }) => !known.has(runId));
  const accountedFor = new Set(
    runs.filter((run) => kindOf.get(run.flowId)?.flow.accountsFor?.(run)).map(({ id }) => id),
  );
  const faults = [
    ...ledger.wrong,
    ...unknownRuns(
      ledger,
      runs.filter(({ id }) => !accountedFor.has(id)),
    ),
  ];
  const expectedKeys = new Set<string>();
  const duplicates: Duplicate[] = [];
  const finals = new Map<string, Map<string, number>>();

  for (const run of runs) {
    const kind = kindOf.get(run.flowId);
    if (!kind) {
      faults.push(`run ${run.id} is of a flow that nobody made`);
      continue;
    }
    const say = (what: string): void =>
      void faults.push(`run ${run.id} of request ${run.number} (${kind.name}) ${what}`);
    const states = finals.get(kind.name) ?? new Map<string, number>();
    finals.set(kind.name, states.set(run.status, (states.get(run.status) ?? 0) + 1));
    for (const fault of [...counterFaults(run), ...kind.flow.judge(run)]) say(fault);
    for (const expected of kind.flow.effects(run)) {
      expectedKeys.add(expected.key);
      const had = effects.of(expected.key);
      if (had.length === 0 && !expected.optional) say(`had no effect of ${expected.stepId} ${expected.path}`);
      duplicates.push(...duplicatesOf(run, expected, { effects: had, faults: evidence.faults }));
    }
  }
  for (const key of effects.keys())
    if (!expectedKeys.has(key)) faults.push(`there is an effect that no run asked for: ${key}`);
  faults.push(...unexplained(duplicates, evidence));
  const context: Known = { calm: evidence.calm, acceptedAt: (runId) => ledger.accepted.get(runId)?.at };
  for (const { name, flow } of addressees) {
    const own = runs.filter(({ flowId }) => flow.flowIds.includes(flowId));
    faults.push(...((await flow.judgeAll?.(own, context)) ?? []).map((fault) => `${name}: ${fault}`));
  }
  return {
    lost: lost.map(({ runId, number, kind }) => `${runId}, request ${number} (${kind})`),
    finals,
    unanswered: runs.filter(({ id }) => !ledger.accepted.has(id) && !accountedFor.has(id)).length,
    duplicates,
    faults,
  };
}

/** Runs of requests that nobody sent, or of one more call than could have made them. */
function unknownRuns(ledger: Ledger, runs: readonly JudgedRun[]): string[] {
  const faults: string[] = [];
  const surplus = new Map<number, number>();
  for (const { id, number } of runs) {
    if (!ledger.kinds.has(number)) faults.push(`run ${id} is of request ${number}, which nobody sent`);
    else if (!ledger.accepted.has(id)) surplus.set(number, (surplus.get(number) ?? 0) + 1);
  }
  for (const [number, count] of surplus) {
    const possible = ledger.unanswered.get(number) ?? 0;
    if (count > possible) faults.push(`request ${number} has ${count} runs of ${possible} calls without an answer`);
  }
  return faults;
}

/** The counters of a run hold exactly what its step runs say. */
function counterFaults(run: JudgedRun): string[] {
  const open = run.steps.filter(({ status }) => status === 'running' || status === 'waiting').length;
  const failed = run.steps.filter(({ status }) => status === 'failed').length;
  return [
    ...(run.finishedAt === null ? [`is ${run.status} and did not end`] : []),
    ...(run.openSteps === 0 && open === 0 ? [] : [`has ${open} open step runs and counts ${run.openSteps}`]),
    ...(run.failedSteps === failed ? [] : [`has ${failed} failed step runs and counts ${run.failedSteps}`]),
  ];
}

function unexplained(duplicates: readonly Duplicate[], { runs, calm, faults }: Evidence): string[] {
  const startedAt = new Map(runs.map((run) => [run.id, run.startedAt]));
  // A run that failed in calm may be retried in the storm.
  const inCalm = ({ runId, at }: Duplicate): boolean => {
    const begin = startedAt.get(runId) ?? 0;
    return calm.some(({ from, until }) => begin >= from && at <= until);
  };
  return duplicates
    .filter((duplicate) => duplicate.cause === undefined || inCalm(duplicate))
    .map(
      ({ runId, stepId, path, attempt, before, at }) =>
        `${runId} ${stepId} ${path} attempt ${attempt} was done twice, at ${timeOf(before)} and ${timeOf(at)}, and nothing was cut` +
        ` (${lastFaults(faults, at)})`,
    );
}

const shownFaults = 4;

/** What had been done to whom before, for who looks for the reason. */
function lastFaults(faults: readonly Inflicted[], at: number): string {
  return faults
    .filter(({ from }) => from <= at)
    .toSorted((one, other) => one.from - other.from)
    .slice(-shownFaults)
    .map(({ fault, on, from, until }) => `${fault} of ${on} ${timeOf(from)} to ${timeOf(until)}`)
    .join(', ');
}

const timeOf = (at: number): string => new Date(at).toISOString().slice(11, 23);
