import { cpus } from 'node:os';
import type { Spread } from './measure/statistics.js';
import type { BenchOptions } from './options.js';
import type { Figure, Results } from './results.js';
import { sideNames } from './sides/side.js';
import type { Judgement } from './targets.js';

/** Above this something else keeps the machine busy. */
const quietLoad = 0.7;

export interface Report {
  readonly takenAt: string;
  readonly machine: Readonly<Record<string, string>>;
  readonly loadBefore: number;
  readonly settings: Readonly<Record<string, number>>;
  readonly figures: readonly Figure[];
  readonly judgements: readonly Judgement[];
  readonly results: Results;
}

export interface ReportInput {
  readonly options: BenchOptions;
  readonly amount: number;
  readonly versions: Readonly<Record<string, string>>;
  /** Load average of the minute before the bench; what else the machine does is noise. */
  readonly loadBefore: number;
  readonly figures: readonly Figure[];
  readonly judgements: readonly Judgement[];
  readonly results: Results;
}

export function makeReport({ options, amount, versions, loadBefore, ...measured }: ReportInput): Report {
  const { rounds, connections, steadyRate } = options;
  return {
    takenAt: new Date().toISOString(),
    machine: { processor: cpus()[0]?.model ?? '', cores: String(cpus().length), node: process.version, ...versions },
    loadBefore,
    settings: { rounds, requestsPerLoad: amount, connections, steadyPerSecond: steadyRate },
    ...measured,
  };
}

/** The report for people. */
export function reportText(report: Report): string {
  const { machine, settings, loadBefore } = report;
  return [
    '',
    Object.entries(machine)
      .map(([name, value]) => `${name} ${value}`)
      .join(' · '),
    `${settings['rounds']} alternating rounds · ${settings['requestsPerLoad']} requests per load, ` +
      `${settings['connections']} connections · steady: ${settings['steadyPerSecond']} requests/s`,
    `load average before: ${number(loadBefore)}${
      loadBefore > quietLoad ? ' – the machine had other work, so expect low and scattered figures' : ''
    }`,
    '',
    table([
      ['median (lowest–highest)', 'bare', 'Millrace', 'Millrace/bare'],
      ...report.figures.map((one) => [
        one.name,
        spreadText(one.bare, one.unit),
        spreadText(one.millrace, one.unit),
        spreadText(one.ratio, ''),
      ]),
    ]),
    '',
    table([
      ['after the last load', 'memory', 'processor per run'],
      ...sideNames.flatMap((side) => processLines(report, side)),
    ]),
    '',
    ...report.judgements.map(judgementText),
    '',
  ].join('\n');
}

function processLines({ results }: Report, side: (typeof sideNames)[number]): string[][] {
  const { loads, residentMib } = results[side];
  const processor = loads.at(-1)?.processorMs ?? {};
  return Object.keys({ ...residentMib, ...processor }).map((name) => [
    `${side}: ${name}`,
    residentMib[name] === undefined ? '' : `${residentMib[name].toFixed(0)} MiB`,
    processor[name] === undefined ? '' : `${processor[name].toFixed(3)} ms`,
  ]);
}

function judgementText({ target, measured, met }: Judgement): string {
  const what = target.of === 'ratio' ? `${target.figure}, Millrace/bare` : target.figure;
  return `${met ? '✓' : '✗'} ${what}: ${number(measured)} (${target.bound} ${target.value})`;
}

function spreadText({ median, lowest, highest }: Spread, unit: Figure['unit']): string {
  if (Number.isNaN(median)) return '–';
  const range = lowest === highest ? '' : ` (${number(lowest)}–${number(highest)})`;
  return `${number(median)}${unit === '/s' ? unit : unit && ` ${unit}`}${range}`;
}

function number(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** The first column to the left, the others to the right. */
function table(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ');
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [line(rows[0] ?? []), rule, ...rows.slice(1).map(line)].join('\n');
}
