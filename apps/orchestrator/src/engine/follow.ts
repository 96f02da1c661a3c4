import type { ResultMessage } from '@millrace/contracts';
import {
  inputOf,
  nextSteps,
  openConditions,
  type NextStep,
  type OpenCondition,
  type Plan,
  type SucceededStep,
  type UnmappedStep,
} from '@millrace/flow-model';
import type { MappingOutcome } from '@millrace/mapping-sandbox';
import { conditionFailed } from './condition-failed.js';
import type { EngineDeps } from './deps.js';
import type { Dispatch } from './dispatch.js';
import type { Evaluation } from './evaluate-mappings.js';
import { evaluateInRounds } from './evaluate-rounds.js';
import { manySteps, type FollowingSteps } from './many-steps.js';
import { mappingFailed } from './mapping-failed.js';

/** A readable result with its plan and the steps that follow from it, some of which may lack their input. */
export interface Followed {
  /** Index of the delivery in its batch. */
  at: number;
  message: ResultMessage;
  plan: Plan;
  /** What the sandbox must decide before it is known what is next. */
  conditions: OpenCondition[];
  next: NextStep[];
  /** In place of `next`, where these are too many to be held. */
  many?: FollowingSteps | undefined;
}

/** One whose following steps are ready to be sent. */
export interface Settled extends Omit<Followed, 'next' | 'many' | 'conditions'> {
  follow: FollowingSteps;
}

/** Works out which steps follow from a result, and maps the inputs, as far as that needs no sandbox. */
export function follow(at: number, message: ResultMessage, plan: Plan): Followed {
  const succeeded = succeededStep(message);
  if (!succeeded) return { at, message, plan, conditions: [], next: [] };
  const many = manySteps(plan, succeeded, (next) => dispatchOf(message, plan, next));
  if (many) return { at, message, plan, conditions: [], next: [], many };
  const conditions = openConditions(plan, succeeded);
  return { at, message, plan, conditions, next: conditions.length > 0 ? [] : nextSteps(plan, succeeded) };
}

function succeededStep({ outcome, runId, stepId, path, carry }: ResultMessage): SucceededStep | undefined {
  return outcome.kind === 'failed' ? undefined : { runId, stepId, path, carry, outputs: outcome.outputs };
}

export function needsSandbox({ conditions, next }: Followed): boolean {
  return conditions.length > 0 || next.some(isUnmapped);
}

/** The steps that follow from results of which none needs the sandbox. */
export function mapped({ at, message, plan, next, many }: Followed): Settled {
  return { at, message, plan, follow: many ?? next.map((step) => dispatchOf(message, plan, step)) };
}

/**
 * Decides in the sandbox which steps follow from results, and maps them. A step whose condition or mapping fails gets the
 * error in place of its input.
 */
export async function mapSandboxed(deps: EngineDeps, results: Followed[]): Promise<Settled[]> {
  const decided = await decideConditions(deps, results);
  const evaluated = await evaluateInRounds(
    deps,
    decided.map(({ message, next }) =>
      next.filter(isUnmapped).map((step) => ({ step, ...evaluationOf(message, step) })),
    ),
  );
  const outcomes = new Map<NextStep, MappingOutcome>(Array.from(evaluated, ([{ step }, outcome]) => [step, outcome]));
  return decided.map(({ at, message, plan, next }) => ({
    at,
    message,
    plan,
    follow: next.map((step) => dispatchOf(message, plan, step, outcomes.get(step))),
  }));
}

/** The same results with what is next, whose mappings may still lack their values. */
async function decideConditions(deps: EngineDeps, results: Followed[]): Promise<Followed[]> {
  if (results.every(({ conditions }) => conditions.length === 0)) return results;
  const evaluated = await evaluateInRounds(
    deps,
    results.map(({ message, conditions }, result) =>
      conditions.map((open) => ({ result, open, ...conditionEvaluation(message, open) })),
    ),
  );
  const outcomes = results.map(() => new Map<string, MappingOutcome>());
  for (const [{ result, open }, outcome] of evaluated) outcomes[result]?.set(`${open.step.id} ${open.path}`, outcome);
  return results.map((result, at) => {
    const succeeded = succeededStep(result.message);
    if (result.conditions.length === 0 || !succeeded) return result;
    const next = nextSteps(result.plan, succeeded, (step, path) => outcomes[at]?.get(`${step.id} ${path}`));
    return { ...result, conditions: [], next };
  });
}

function conditionEvaluation(message: ResultMessage, { step, path, condition, context }: OpenCondition): Evaluation {
  const seed = `${message.runId}:${step.id}:${path}:condition`;
  return { mapping: condition.compiled, context: { ...context, seed, now: message.finishedAt } };
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
  if ('input' in next) return { plan, step, runId, path, attempt: 1, carry, input: next.input };
  const known = { plan, step, runId, path, attempt: 1, carry };
  if ('undecided' in next) return { ...known, input: null, fault: conditionFailed(next) };
  if (!outcome) throw new Error(`the mapping of ${step.id} was not evaluated`);
  if (outcome.ok) return { ...known, input: inputOf(outcome.value) };
  return { ...known, input: null, fault: mappingFailed(outcome.errors) };
}

function isUnmapped(next: NextStep): next is UnmappedStep {
  return 'context' in next;
}
