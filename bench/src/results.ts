import type { ComponentResults } from './component/measure-component.js';
import { type Spread, spread } from './measure/statistics.js';
import type { LoadFigures, PacedFigures } from './rounds.js';
import type { SideName } from './sides/side.js';

type PlainLoad = Omit<LoadFigures, 'transactionsPerRun'> & { readonly transactionsPerRun: number };

/** All that was measured of one side. */
export interface SideResults {
  readonly loads: PlainLoad[];
  readonly idle: PacedFigures[];
  readonly steady: PacedFigures[];
  /** Accepted per second while Millrace's requests are signed; the bare pipeline checks no signature. */
  readonly besideSigned: number[];
  /** By how much one upload raised the resident memory of the process that takes it in, in MiB. */
  readonly uploadMib: number[];
  /** Only where it was asked for. */
  readonly scale: ScaleResults;
  messagesPerRun: number;
  /** After the last load, by process. */
  residentMib: Record<string, number>;
}

/** What became of finished runs per second where there is much of something. */
export interface ScaleResults {
  /** Those of two steps through those of ten. */
  readonly tenStepsCost: number[];
  /** Ratios to the bare pipeline, as in `finished runs`. */
  readonly manyFlows: number[];
  readonly manyRuns: number[];
}

export type Results = Readonly<Record<SideName, SideResults>>;

export function noResults(): Results {
  const side = (): SideResults => ({
    loads: [],
    idle: [],
    steady: [],
    besideSigned: [],
    uploadMib: [],
    scale: { tenStepsCost: [], manyFlows: [], manyRuns: [] },
    messagesPerRun: Number.NaN,
    residentMib: {},
  });
  return { bare: side(), millrace: side() };
}

/** One line of the report. */
export interface Figure {
  readonly name: string;
  readonly unit: '/s' | 'ms' | 'MiB' | '';
  readonly bare: Spread;
  readonly millrace: Spread;
  /** Millrace through bare, round by round. */
  readonly ratio: Spread;
}

/** What one upload of 50 MB adds to the memory of the webhooks service. */
export const uploadFigure = 'memory of an upload';

/** What was measured with `--scale` only. */
export const scaleFigures = {
  tenSteps: 'cost of ten steps, in runs of two',
  manyFlows: 'finished runs kept with 10,000 flows',
  manyRuns: 'finished runs kept with 1,000,000 runs',
} as const;

/** What one process of a component does and takes; the bare pipeline has nothing to set against it. */
export const componentFigures = {
  stepsPerSecond: 'steps of one component, 100 at a time',
  processorMs: 'processor of one component per step',
  idleMib: 'memory of an idle component',
} as const;

export function figuresOfComponent({ stepsPerSecond, processorMs, idleMib }: ComponentResults): Figure[] {
  return [
    figure(componentFigures.stepsPerSecond, '/s', [], stepsPerSecond),
    figure(componentFigures.processorMs, 'ms', [], processorMs),
    figure(componentFigures.idleMib, 'MiB', [], idleMib),
  ];
}

export function figures(results: Results): Figure[] {
  const loads = (name: string, unit: Figure['unit'], pick: (one: PlainLoad) => number): Figure =>
    figure(name, unit, results.bare.loads.map(pick), results.millrace.loads.map(pick));
  const paced = (name: string, phase: 'idle' | 'steady', pick: (one: PacedFigures) => number): Figure =>
    figure(name, 'ms', results.bare[phase].map(pick), results.millrace[phase].map(pick));
  const { tenStepsCost, manyFlows, manyRuns } = results.millrace.scale;
  const usual = loads('finished runs', '/s', (one) => one.finishedPerSecond);
  /** Of the usual ratio to the bare pipeline. */
  const kept = (name: string, ratios: number[]): Figure =>
    figure(
      name,
      '',
      [],
      ratios.map((ratio) => ratio / usual.ratio.median),
    );
  return [
    loads('accepted', '/s', (one) => one.acceptedPerSecond),
    figure('accepted with HMAC', '/s', results.bare.besideSigned, results.millrace.besideSigned),
    usual,
    loads('answer p50, full load', 'ms', (one) => one.answerP50Ms),
    loads('answer p99, full load', 'ms', (one) => one.answerP99Ms),
    paced('answer p50, steady', 'steady', (one) => one.answerP50Ms),
    paced('answer p99, steady', 'steady', (one) => one.answerP99Ms),
    paced('answer p50, idle', 'idle', (one) => one.answerP50Ms),
    paced('answer p99, idle', 'idle', (one) => one.answerP99Ms),
    paced('request to pet p50, idle', 'idle', (one) => one.storedP50Ms),
    paced('request to pet p99, idle', 'idle', (one) => one.storedP99Ms),
    paced('request to pet p50, steady', 'steady', (one) => one.storedP50Ms),
    paced('request to pet p99, steady', 'steady', (one) => one.storedP99Ms),
    loads('request to pet p50, full load', 'ms', (one) => one.storedP50Ms),
    loads('request to pet p99, full load', 'ms', (one) => one.storedP99Ms),
    loads('transactions per run', '', (one) => one.transactionsPerRun),
    loads('processor per run, all processes', 'ms', (one) =>
      Object.values(one.processorMs).reduce((sum, value) => sum + value, 0),
    ),
    figure(uploadFigure, 'MiB', [], results.millrace.uploadMib),
    figure(scaleFigures.tenSteps, '', [], tenStepsCost),
    kept(scaleFigures.manyFlows, manyFlows),
    kept(scaleFigures.manyRuns, manyRuns),
    figure('messages per run', '', [results.bare.messagesPerRun], [results.millrace.messagesPerRun]),
  ];
}

function figure(name: string, unit: Figure['unit'], bare: number[], millrace: number[]): Figure {
  const ratios = millrace.map((value, round) => value / (bare[round] ?? Number.NaN));
  return { name, unit, bare: spread(bare), millrace: spread(millrace), ratio: spread(ratios) };
}
