import { nextSteps, type NextStep, type Plan, type SucceededStep } from '@millrace/flow-model';
import type { Dispatch } from './dispatch.js';

/** Steps that follow from a result: an array of them, or steps that are made anew each time that they are gone through. */
export interface FollowingSteps extends Iterable<Dispatch> {
  readonly length: number;
}

/** A result with more outputs is followed step by step. */
const manyOutputs = 1_000;
const outputsAtOnce = 500;

/**
 * The steps that follow a result of many outputs, if no expression of theirs needs the sandbox; `undefined` for any other
 * result. They are worked out whenever they are gone through, for all of them together take many times the memory of the
 * outputs.
 */
export function manySteps(
  plan: Plan,
  succeeded: SucceededStep,
  dispatchOf: (next: NextStep) => Dispatch,
): FollowingSteps | undefined {
  if (succeeded.outputs.length <= manyOutputs) return undefined;
  const children = plan.step(succeeded.stepId)?.children ?? [];
  if (children.some(({ sandboxed, entry }) => sandboxed || (entry.kind === 'condition' && entry.sandboxed)))
    return undefined;
  let length = 0;
  for (const portion of portionsOf(plan, succeeded)) length += portion.length;
  return {
    length,
    *[Symbol.iterator]() {
      for (const portion of portionsOf(plan, succeeded)) yield* portion.map(dispatchOf);
    },
  };
}

function* portionsOf(plan: Plan, succeeded: SucceededStep): Generator<NextStep[]> {
  const { outputs } = succeeded;
  for (let firstIndex = 0; firstIndex < outputs.length; firstIndex += outputsAtOnce) {
    const portion = outputs.slice(firstIndex, firstIndex + outputsAtOnce);
    yield nextSteps(plan, { ...succeeded, outputs: portion, firstIndex });
  }
}
