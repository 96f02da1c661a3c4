import {
  childPath,
  isJsonObject,
  millisOf,
  type Carry,
  type Json,
  type JsonObject,
  type RunId,
  type StepId,
  type StepPath,
} from '@millrace/contracts';
import { evaluateMapping, type MappingContext } from '@millrace/mapping';
import type { Condition, Plan, PlanStep } from './plan.js';

/** A step that shall run now, and what its messages carry. */
export type NextStep = MappedStep | UnmappedStep | UndecidedStep;

/** One whose input is known. */
export interface MappedStep extends FollowingStep {
  input: Json;
}

/** One whose mapping can be evaluated in the sandbox only (`step.sandboxed`), and what it is to be evaluated on. */
export interface UnmappedStep extends FollowingStep {
  context: MappingContext;
}

/** One whose condition failed, or gave neither true nor false: it is opened, and fails. */
export interface UndecidedStep extends FollowingStep {
  undecided: ConditionOutcome;
  /** What the condition was evaluated on. */
  output: Json;
}

/** A condition that can be evaluated in the sandbox only, and what it is to be evaluated on. */
export interface OpenCondition {
  step: PlanStep;
  path: StepPath;
  condition: Condition;
  context: MappingContext;
}

export type ConditionOutcome = { ok: true; value: Json | undefined } | { ok: false; errors: ConditionError[] };

export interface ConditionError {
  expression: string;
  /** Place in the expression, 0-based. */
  position: number;
  code: string;
  message: string;
  inputShape: string;
}

/** What the sandbox made of the condition of the edge to a step, for one output. */
export type DecidedConditions = (step: PlanStep, path: StepPath) => ConditionOutcome | undefined;

interface FollowingStep {
  step: PlanStep;
  path: StepPath;
  carry: Carry;
}

/** A step run that succeeded, as its result message tells it. */
export interface SucceededStep {
  runId: RunId;
  stepId: StepId;
  path: StepPath;
  outputs: Json[];
  /** How many outputs of the step there were before these, as of one that emits one by one, or in portions; default 0. */
  firstIndex?: number;
  carry: Carry;
}

/**
 * The steps that follow a succeeded one: for each output those children whose edges are taken. Depends on nothing but its
 * arguments, so a redelivered result leads to the same steps with the same paths and inputs. The caller evaluates, in the
 * sandbox, the `openConditions` first, which `decided` gives back, and then what has no input yet, and takes that through
 * `inputOf`.
 */
export function nextSteps(
  plan: Plan,
  succeeded: SucceededStep,
  decided: DecidedConditions = nothingDecided,
): NextStep[] {
  const parent = plan.step(succeeded.stepId);
  if (!parent || parent.children.length === 0) return [];
  const { outputs, firstIndex = 0 } = succeeded;
  return outputs.flatMap((output, at) => {
    const context = contextOf(plan, succeeded, output);
    const path = childPath(succeeded.path, firstIndex + at);
    const taken = parent.branches ? takenChildren(parent, { path, context, decided }) : parent.children.map(always);
    return taken.map(({ step, undecided }) => {
      const carry = carryFor(step, context.steps, succeeded.carry);
      if (undecided) return { step, path, carry, undecided, output };
      if (step.sandboxed) return { step, path, carry, context };
      return { step, path, carry, input: inputOf(evaluateMapping(step.mapping, context)) };
    });
  });
}

/** The conditions below a succeeded step that can be evaluated in the sandbox only, for each output. */
export function openConditions(plan: Plan, succeeded: SucceededStep): OpenCondition[] {
  const parent = plan.step(succeeded.stepId);
  if (!parent?.branches) return [];
  const { outputs, firstIndex = 0 } = succeeded;
  return outputs.flatMap((output, at) => {
    const context = contextOf(plan, succeeded, output);
    const path = childPath(succeeded.path, firstIndex + at);
    return parent.children.flatMap((step) =>
      step.entry.kind === 'condition' && step.entry.sandboxed ? [{ step, path, condition: step.entry, context }] : [],
    );
  });
}

interface Taken {
  step: PlanStep;
  undecided?: ConditionOutcome;
}

const always = (step: PlanStep): Taken => ({ step });

/** Children whose edge is taken, and those of which that cannot be told. */
function takenChildren(
  parent: PlanStep,
  { path, context, decided }: { path: StepPath; context: MappingContext; decided: DecidedConditions },
): Taken[] {
  const outcomes = new Map<PlanStep, ConditionOutcome>();
  for (const step of parent.children) {
    if (step.entry.kind !== 'condition') continue;
    const { sandboxed, compiled } = step.entry;
    const outcome = sandboxed ? decided(step, path) : { ok: true as const, value: evaluateMapping(compiled, context) };
    if (!outcome) throw new Error(`the condition of ${step.id} was not evaluated`);
    outcomes.set(step, outcome);
  }
  const anyTrue = [...outcomes.values()].some((outcome) => outcome.ok && outcome.value === true);
  const taken: Taken[] = [];
  for (const step of parent.children) {
    const outcome = outcomes.get(step);
    if (!outcome) {
      if (step.entry.kind === 'always' || !anyTrue) taken.push({ step });
    } else if (!outcome.ok || typeof outcome.value !== 'boolean') taken.push({ step, undecided: outcome });
    else if (outcome.value) taken.push({ step });
  }
  return taken;
}

const nothingDecided: DecidedConditions = () => undefined;

function contextOf(plan: Plan, succeeded: SucceededStep, output: Json): MappingContext {
  return {
    output,
    steps: { ...succeeded.carry.steps, [succeeded.stepId]: output },
    request: succeeded.carry.request,
    // Few mappings read it.
    get run() {
      return runContext(plan, succeeded.runId);
    },
  };
}

/** The input that a mapping's value makes: a step always gets something. */
export function inputOf(value: Json | undefined): Json {
  return value ?? {};
}

/** What the messages of `step` carry, out of all the outputs and what else is known when it is dispatched. */
export function carryFor(
  step: PlanStep,
  known: Record<string, Json>,
  { request, replyTo }: { request?: JsonObject | undefined; replyTo?: string | undefined },
): Carry {
  const steps: Record<string, Json> = {};
  for (const { id, members } of step.carries.steps) {
    const output = known[id];
    if (output !== undefined) steps[id] = members === 'all' ? output : withMembers(output, members);
  }
  const carry: Carry = { steps };
  if (step.carries.request && request) carry.request = request;
  if (replyTo !== undefined) carry.replyTo = replyTo;
  return carry;
}

/** An object with no other members than these; a path leads into each item of an array, so all else stays as it is. */
function withMembers(output: Json, members: ReadonlySet<string>): Json {
  if (!isJsonObject(output)) return output;
  return Object.fromEntries(Object.entries(output).filter(([name]) => members.has(name)));
}

/** `$run`: the ids and the time of a run. */
export function runContext(plan: Pick<Plan, 'flowId' | 'versionId'>, runId: RunId): JsonObject {
  return {
    id: runId.replaceAll('-', ''),
    flowId: plan.flowId,
    versionId: plan.versionId,
    startedAt: new Date(millisOf(runId)).toISOString(),
  };
}
