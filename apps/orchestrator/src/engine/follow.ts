import type { ResultMessage } from '@millrace/contracts';
import { inputOf, nextSteps, type NextStep, type Plan, type UnmappedStep } from '@millrace/flow-model';
import type { MappingOutcome } from '@millrace/mapping-sandbox';
import type { EngineDeps } from './deps.js';
import type { Dispatch } from './dispatch.js';
import type { Evaluation } from './evaluate-mappings.js';
import { evaluateInRounds } from './evaluate-rounds.js';
import { mappingFailed } from './mapping-failed.js';

/** A readable result with its plan and the steps that follow from it, some of which may lack their input. */
export interface Followed {
  /** Index of the delivery in its batch. */
  at: number;
  message: ResultMessage;
  plan: Plan;
  next: NextStep[];
}

/** One whose following steps are ready to be sent. */
export interface Settled extends Omit<Followed, 'next'> {
  follow: Dispatch[];
}

/** Works out which steps follow from a result, and maps the inputs that need no sandbox. */
export function follow(at: number, message: ResultMessage, plan: Plan): Followed {
  if (message.outcome.kind === 'failed') return { at, message, plan, next: [] };
  const { runId, stepId, path, carry } = message;
  return { at, message, plan, next: nextSteps(plan, { runId, stepId, path, carry, outputs: message.outcome.outputs }) };
}

export function needsSandbox({ next }: Followed): boolean {
  return next.some(isUnmapped);
}

/** The steps that follow from results of which none needs the sandbox. */
export function mapped({ at, message, plan, next }: Followed): Settled {
  return { at, message, plan, follow: next.map((step) => dispatchOf(message, plan, step)) };
}

/** Maps in the sandbox what follows from results. A step whose mapping fails gets the error in place of its input. */
export async function mapSandboxed(deps: EngineDeps, results: Followed[]): Promise<Settled[]> {
  const evaluated = await evaluateInRounds(
    deps,
    results.map(({ message, next }) =>
      next.filter(isUnmapped).map((step) => ({ step, ...evaluationOf(message, step) })),
    ),
  );
  const outcomes = new Map<NextStep, MappingOutcome>(Array.from(evaluated, ([{ step }, outcome]) => [step, outcome]));
  return results.map(({ at, message, plan, next }) => ({
    at,
    message,
    plan,
    follow: next.map((step) => dispatchOf(message, plan, step, outcomes.get(step))),
  }));
}

/**
 * The same for every copy of the result message, so that a redelivered one is mapped to the same input, random values and
 * times included: the seed is the place of the step run, and the time that at which the step above ended, which the
 * message carries. Another result of the same step, as of a second execution, may have another time: the settlement that
 * comes first decides, and from then on what is sent is what its rows say.
 */
function evaluationOf({ runId, finishedAt }: ResultMessage, { step, path, context }: UnmappedStep): Evaluation {
  return { mapping: step.mapping, context: { ...context, seed: `${runId}:${step.id}:${path}`, now: finishedAt } };
}

/** The dispatch of a step that follows. A mapping that needs the sandbox has an `outcome`. */
function dispatchOf({ runId }: ResultMessage, plan: Plan, next: NextStep, outcome?: MappingOutcome): Dispatch {
  const { step, path, carry } = next;
  if (!isUnmapped(next)) return { plan, step, runId, path, attempt: 1, carry, input: next.input };
  const known = { plan, step, runId, path, attempt: 1, carry };
  if (!outcome) throw new Error(`the mapping of ${step.id} was not evaluated`);
  if (outcome.ok) return { ...known, input: inputOf(outcome.value) };
  return { ...known, input: null, fault: mappingFailed(outcome.errors) };
}

function isUnmapped(next: NextStep): next is UnmappedStep {
  return 'context' in next;
}
