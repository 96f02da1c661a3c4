import { componentFigures, scaleFigures, uploadFigure, type Figure } from './results.js';

/** What Millrace promises on a machine with two cores. */
export interface Target {
  readonly figure: string;
  readonly of: 'ratio' | 'millrace';
  readonly bound: 'at least' | 'at most';
  readonly value: number;
  /** Of all that was measured the highest counts, not the median. */
  readonly worst?: boolean;
  /** Measured with `--scale` only. */
  readonly scale?: boolean;
  /** Of one process of a component. */
  readonly component?: boolean;
}

export const targets: readonly Target[] = [
  { figure: 'accepted', of: 'ratio', bound: 'at least', value: 0.7 },
  { figure: 'accepted with HMAC', of: 'ratio', bound: 'at least', value: 0.6 },
  { figure: 'finished runs', of: 'ratio', bound: 'at least', value: 0.7 },
  { figure: 'transactions per run', of: 'millrace', bound: 'at most', value: 0.15 },
  { figure: 'request to pet p50, idle', of: 'millrace', bound: 'at most', value: 25 },
  // The first one costs the most, and is one that somebody sends.
  { figure: uploadFigure, of: 'millrace', bound: 'at most', value: 32, worst: true },
  { figure: componentFigures.stepsPerSecond, of: 'millrace', bound: 'at least', value: 1_500, component: true },
  { figure: componentFigures.idleMib, of: 'millrace', bound: 'at most', value: 90, worst: true, component: true },
  { figure: scaleFigures.tenSteps, of: 'millrace', bound: 'at most', value: 5.5, scale: true },
  { figure: scaleFigures.manyFlows, of: 'millrace', bound: 'at least', value: 0.9, scale: true },
  { figure: scaleFigures.manyRuns, of: 'millrace', bound: 'at least', value: 0.9, scale: true },
];

export interface Judgement {
  readonly target: Target;
  readonly measured: number;
  readonly met: boolean;
}

/** Holds the medians, or what is worst, against the targets. A figure that was not measured does not meet its target. */
export function judge(
  figures: readonly Figure[],
  { scale, componentOnly }: { scale: boolean; componentOnly: boolean },
): Judgement[] {
  const judged = targets.filter((target) => (componentOnly ? target.component : scale || !target.scale));
  return judged.map((target) => {
    const spread = figures.find(({ name }) => name === target.figure)?.[target.of];
    const measured = (target.worst ? spread?.highest : spread?.median) ?? Number.NaN;
    const met = target.bound === 'at least' ? measured >= target.value : measured <= target.value;
    return { target, measured, met };
  });
}
