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
import { evaluateMapping } from '@millrace/mapping';
import type { Plan, PlanStep } from './plan.js';

/** A step that shall run now, with its mapped input and what its messages carry. */
export interface NextStep {
  step: PlanStep;
  path: StepPath;
  input: Json;
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
 * so a redelivered result leads to the same steps with the same paths and inputs.
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
    return children.map((step) => ({
      step,
      path: childPath(succeeded.path, index),
      input: evaluateMapping(step.mapping, context) ?? {},
      carry: carryFor(step, known, succeeded.carry),
    }));
  });
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
