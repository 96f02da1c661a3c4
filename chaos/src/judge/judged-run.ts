import { petKey } from '../target/effects.js';

/** A run as Postgres has it. */
export interface JudgedRun {
  readonly id: string;
  readonly flowId: string;
  /** The number of its request; 0 of one that no request set off. */
  readonly number: number;
  readonly status: string;
  readonly openSteps: number;
  readonly failedSteps: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly finishedAt: number | null;
  readonly duplicateOf: string | null;
  readonly replayOf: string | null;
  readonly steps: readonly JudgedStep[];
}

export interface JudgedStep {
  readonly stepId: string;
  readonly path: string;
  readonly status: string;
  readonly attempt: number;
  /** The attempts before the last one, each of which failed. */
  readonly failures: readonly { readonly attempt: number; readonly startedAt: number; readonly finishedAt: number }[];
  readonly startedAt: number;
  readonly errorCode: string | null;
  readonly output: unknown;
}

/** When the call that made a run came in, as its id says: milliseconds since the epoch. */
export function calledAt({ id }: Pick<JudgedRun, 'id'>): number {
  return Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
}

/**
 * When the first step of a run did its work; `undefined` of a run that never began, and of one that was cancelled before
 * anybody heard of that: the row of such a step has the time of the transaction that opened it, which may be earlier than
 * the end of a run that it saw as ended.
 */
export function beganAt({ steps }: JudgedRun): number | undefined {
  return steps.find(({ stepId, status }) => stepId === 'step_1' && status !== 'cancelled')?.startedAt;
}

/** The output of a step run. */
export function outputOf<T>(run: JudgedRun, stepId: string, path?: string): T | undefined {
  const found = run.steps.find((step) => step.stepId === stepId && (path === undefined || step.path === path));
  return (found?.output ?? undefined) as T | undefined;
}

/** An effect that a step run must have had at least once. */
export interface ExpectedEffect {
  readonly stepId: string;
  readonly path: string;
  /** The component that has it. */
  readonly component: string;
  /** The key under which its target counts it. */
  readonly key: string;
  /** Whether the run may as well do without it, such as one that was cancelled. */
  readonly optional?: boolean;
}

/** The effect of a `record` step: its key is the one that Millrace gives to every attempt of the step run. */
export function recordOf(run: JudgedRun, stepId: string, path: string): ExpectedEffect {
  return { stepId, path, component: 'probe', key: `${run.id}:${stepId}:${path}` };
}

/** The effect of a `createPet` step, whose target knows no key: the pet has the run's id as its name. */
export function petOf(run: JudgedRun, stepId: string, path: string): ExpectedEffect {
  return { stepId, path, component: 'petstore', key: petKey(run.id) };
}
