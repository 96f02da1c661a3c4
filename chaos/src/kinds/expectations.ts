import type { JudgedRun } from '../judge/judged-run.js';

/** What is wrong with a run that must have succeeded with exactly these step runs (`step_2 0.1`), each succeeded. */
export function succeededWith(run: JudgedRun, steps: readonly string[]): string[] {
  return [...hasStatus(run, 'succeeded'), ...hasSteps(run, steps, 'succeeded')];
}

export function hasStatus(run: JudgedRun, status: string): string[] {
  if (run.status === status) return [];
  const failed = run.steps.flatMap(({ stepId, path, errorCode }) =>
    errorCode ? [`${stepId} ${path} ${errorCode}`] : [],
  );
  return [`is ${run.status}, not ${status}${failed.length > 0 ? ` (${failed.join(', ')})` : ''}`];
}

/** The step runs that are there, each exactly once, and no other ones. */
function hasSteps(run: JudgedRun, expected: readonly string[], status: string): string[] {
  const found = run.steps.map(({ stepId, path }) => `${stepId} ${path}`.trim()).toSorted();
  const faults: string[] = [];
  if (found.join() !== expected.toSorted().join()) faults.push(`has the steps ${found.join(', ')}`);
  for (const step of run.steps) {
    if (step.status !== status) faults.push(`${step.stepId} ${step.path} is ${step.status}`);
  }
  return faults;
}
