import { cpus, totalmem } from 'node:os';
import { groupBy } from './group-by.js';
import type { Duplicate } from './judge/duplicates.js';
import type { ChaosOutcome } from './run-chaos.js';
import { takeoverSentence } from './takeover.js';

const shownProblems = 200;
const shownEndings = 20;

/** The outcome for people, and for `bench/results/`. */
export function reportText(outcome: ChaosOutcome): string {
  const { options, ledger, judgement, versions, problems, takeovers, endings } = outcome;
  const { lost, duplicates } = judgement;
  const kills = outcome.faults.filter(({ fault }) => fault === 'kill -9').length;
  const killed = new Set(outcome.faults.filter(({ fault }) => fault === 'kill -9').map(({ on }) => on));
  const lines = [
    `conservation: ${kills} kills, ${ledger.accepted.size} accepted, ${lost.length} lost`,
    '',
    `seed ${options.seed} · begun ${outcome.startedAt.toISOString()} · took ${seconds(outcome.tookMs)}, of it ${seconds(outcome.stormMs)} with faults`,
    `processor ${cpus()[0]?.model ?? 'unknown'} · cores ${cpus().length} · memory ${Math.round(totalmem() / 2 ** 30)} GiB · ` +
      `node ${process.version} · postgres ${versions.postgres} · rabbitmq ${versions.rabbitmq}`,
    '',
    'faults',
    ...[...faultCounts(outcome)].map(([name, count]) => row(name, String(count))),
    row('different processes killed', String(killed.size)),
    row('processes that ended by themselves', String(endings.length)),
    '',
    'requests',
    row('begun', String(outcome.requests)),
    row('accepted', String(ledger.accepted.size)),
    ...[...ledger.refusals].map(([how, count]) =>
      row(how === 'cut' ? 'calls cut without an answer' : `calls answered ${how}`, String(count)),
    ),
    row('runs of calls that were not answered 2xx', String(judgement.unanswered)),
    row('runs', String(outcome.runs)),
    row('lost', String(lost.length)),
    '',
    'final states',
    ...[...judgement.finals].map(([kind, states]) =>
      row(kind, [...states].map(([state, count]) => `${count} ${state}`).join(', ')),
    ),
    '',
    'effects',
    row('at the targets', String(outcome.effects)),
    row('of them repeated, where an attempt was cut', String(duplicates.length)),
    ...[...causes(outcome)].map(([cause, count]) => row(`  ${cause}`, String(count))),
    '',
    'recovery',
    row('all ended after the last fault', outcome.settledMs === undefined ? 'never' : seconds(outcome.settledMs)),
    ...takeovers.map((takeover) => `  ${takeoverSentence(takeover)}`),
    '',
    problems.length === 0
      ? '✓ nothing lost, nothing unknown, nothing done twice without a cut'
      : `✗ ${problems.length} problems`,
    ...problems.slice(0, shownProblems),
    ...(endings.length === 0 ? [] : ['', 'processes that ended by themselves']),
    ...endings
      .slice(0, shownEndings)
      .map(({ instance, at, how, lastWords }) => `${new Date(at).toISOString()} ${instance} ${how}: ${lastWords}`),
    '',
    'repeated effects by cause: run, then step@path of each with its attempt',
    ...repeatedLines(duplicates),
    '',
  ];
  return lines.join('\n');
}

/** A line for each run, below the cause. */
function repeatedLines(duplicates: readonly Duplicate[]): string[] {
  const byCause = [...groupBy(duplicates, ({ cause }) => cause ?? 'NOTHING WAS CUT')].toSorted(([one], [other]) =>
    one.localeCompare(other),
  );
  return byCause.flatMap(([cause, same]) => [
    `${cause}: ${same.length}`,
    ...[...groupBy(same, ({ runId }) => runId)].map(
      ([runId, steps]) =>
        `  ${runId} ${steps.map(({ stepId, path, attempt }) => `${stepId}@${path}#${attempt}`).join(' ')}`,
    ),
  ]);
}

function faultCounts({ faults }: ChaosOutcome): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { fault, how } of faults) {
    const name = how === undefined ? fault : `${fault}: ${how}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return new Map([...counts].toSorted(([one], [other]) => one.localeCompare(other)));
}

function causes({ judgement }: ChaosOutcome): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { cause = 'nothing' } of judgement.duplicates) {
    const kind = cause.replace(/^attempt \d+/, 'the attempt before').replace(/ of (?:component-|orchestrator).*$/, '');
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

function row(name: string, value: string): string {
  return `  ${name.padEnd(46)} ${value}`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}
