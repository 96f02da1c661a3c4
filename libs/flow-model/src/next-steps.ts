import {
  childPath,
  millisOf,
  type Carry,
  type Json,
  type JsonObject,
  type RunId,
  type StepId,
  type StepPath,
} from '@millrace/contracts';
import { evaluateMapping, type MappingContext } from '@millrace/mapping';
import type { Plan, PlanStep } from './plan.js';

/** A step that shall run now, and what its messages carry. */
export type NextStep = MappedStep | UnmappedStep;

/** One whose input is known. */
export interface MappedStep extends FollowingStep {
  input: Json;
}

/** One whose mapping can be evaluated in the sandbox only (`step.sandboxed`), and what it is to be evaluated on. */
export interface UnmappedStep extends FollowingStep {
  context: MappingContext;
}

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
  carry: Carry;
}

/**
 * The steps that follow a succeeded one: every child, once for each output. Depends on nothing but its arguments,
 * so a redelivered result leads to the same steps with the same paths and inputs. The caller evaluates, in the sandbox,
 * what needs it, and takes the outcome through `inputOf`.
 */
export function nextSteps(plan: Plan, succeeded: SucceededStep): NextStep[] {
  const children = plan.step(succeeded.stepId)?.children ?? [];
  if (children.length === 0) return [];
  return succeeded.outputs.flatMap((output, index) => {
    const known: Record<string, Json> = { ...succeeded.carry.steps, [succeeded.stepId]: output };
    const context = {
      output,
      steps: known,
      request: succeeded.carry.request,
      // Few mappings read it.
      get run() {
        return runContext(plan, succeeded.runId);
      },
    };
    return children.map((step) => {
      const path = childPath(succeeded.path, index);
      const carry = carryFor(step, known, succeeded.carry);
      if (step.sandboxed) return { step, path, carry, context };
      return { step, path, carry, input: inputOf(evaluateMapping(step.mapping, context)) };
    });
  });
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
  for (const id of step.carries.steps) {
    const output = known[id];
    if (output !== undefined) steps[id] = output;
  }
  const carry: Carry = { steps };
  if (step.carries.request && request) carry.request = request;
  if (replyTo !== undefined) carry.replyTo = replyTo;
  return carry;
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
