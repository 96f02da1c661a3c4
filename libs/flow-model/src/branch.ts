import type { Json, JsonObject, RunId, StepId, StepPath } from '@millrace/contracts';
import type { MappingContext } from '@millrace/mapping';
import { runContext } from './next-steps.js';
import type { Plan, PlanStep } from './plan.js';

/** One of the step runs that a branch leads through, and which of its outputs it follows. */
export interface BranchStep {
  stepId: StepId;
  path: StepPath;
  emission: number;
}

/** The step runs above the one of `step` at `path`, from the trigger down to its parent. */
export function branchOf(step: Pick<PlanStep, 'ancestors'>, path: StepPath): BranchStep[] {
  const indexes = path.split('.').map(Number);
  return step.ancestors.map((stepId, depth) => ({
    stepId,
    path: indexes.slice(0, depth).join('.') as StepPath,
    emission: indexes[depth] ?? 0,
  }));
}

/** One output of a step run, out of its row: where there is one it stands for itself, where several in an array. */
export function emissionOf(row: { output: Json; outputCount: number | null }, emission: number): Json {
  if (row.outputCount === 1) return row.output;
  return Array.isArray(row.output) ? (row.output[emission] ?? null) : null;
}

/** What mapping and condition of a step read, out of the outputs along its branch. */
export function contextOnBranch(
  plan: Pick<Plan, 'flowId' | 'versionId'>,
  step: Pick<PlanStep, 'ancestors'>,
  { runId, known, request }: { runId: RunId; known: Record<string, Json>; request: JsonObject | undefined },
): MappingContext {
  const parent = step.ancestors.at(-1);
  return {
    output: parent === undefined ? undefined : known[parent],
    steps: known,
    request,
    run: runContext(plan, runId),
  };
}
