import { childPath, rootPath, stepMessageId, type RunId, type StepId, type StepPath } from '@millrace/contracts';
import type { FlowDraft } from '@millrace/flow-model';

export const maxAttempts = 3;
const retry = { maxAttempts, initialDelayMs: 60_000 };
const step = (id: string) => ({ id, component: 'echo', operation: 'echo', retry });

/** What the runs of the model run: `s0` is followed by `s1` and `s2`, and `s1` by `s3`. */
export const definition: FlowDraft = {
  steps: [step('s0'), step('s1'), step('s2'), step('s3')],
  edges: [
    { from: 's0', to: 's1' },
    { from: 's0', to: 's2' },
    { from: 's1', to: 's3' },
  ],
};

const children: Record<string, string[]> = { s0: ['s1', 's2'], s1: ['s3'] };

export type StepStatus = 'running' | 'waiting' | 'succeeded' | 'failed';

/** What the model knows of a step run. */
export interface ModelStep {
  runId: RunId;
  stepId: StepId;
  path: StepPath;
  status: StepStatus;
  /** The present one; of one that waits the next. */
  attempt: number;
  /** How many outputs it had when it succeeded. */
  outputs: number;
}

/** The runs that there must be; commands change it as they change the tables. */
export class Model {
  readonly runs = new Map<RunId, ModelStep[]>();

  get steps(): ModelStep[] {
    return [...this.runs.values()].flat();
  }

  /** One of the steps of a status, by any number; `undefined` when there is none. */
  pick(number: number, fits: (step: ModelStep) => boolean): ModelStep | undefined {
    const candidates = this.steps.filter(fits);
    return candidates[number % Math.max(1, candidates.length)];
  }

  begin(runId: RunId): ModelStep {
    const trigger = opened(runId, 's0', rootPath);
    this.runs.set(runId, [trigger]);
    return trigger;
  }

  /** Ends a step with outputs and opens what follows. */
  succeed(ended: ModelStep, outputs: number): ModelStep[] {
    ended.status = 'succeeded';
    ended.outputs = outputs;
    const following = Array.from({ length: outputs }, (_, index) =>
      (children[ended.stepId] ?? []).map((id) => opened(ended.runId, id, childPath(ended.path, index))),
    ).flat();
    this.runs.get(ended.runId)?.push(...following);
    return following;
  }

  /** The steps that a step opened when it succeeded. */
  below({ runId, stepId, path, outputs }: ModelStep): ModelStep[] {
    const paths = Array.from({ length: outputs }, (_, index) => childPath(path, index));
    return (this.runs.get(runId) ?? []).filter(
      (found) => children[stepId]?.includes(found.stepId) && paths.includes(found.path),
    );
  }
}

function opened(runId: RunId, stepId: string, path: StepPath): ModelStep {
  return { runId, stepId: stepId as StepId, path, status: 'running', attempt: 1, outputs: 0 };
}

export const isOpen = ({ status }: ModelStep): boolean => status === 'running' || status === 'waiting';
export const runs = ({ status }: ModelStep): boolean => status === 'running';
export const waits = ({ status }: ModelStep): boolean => status === 'waiting';

/** A step run whose first attempt runs may not have been sent: who learns of it again sends it again. */
export const mayBeUnsent = (step: ModelStep): boolean => runs(step) && step.attempt === 1;

/** The id of the message that a step is sent with. */
export function messageIdOf({ runId, stepId, path, attempt }: ModelStep): string {
  return stepMessageId({ runId, stepId, path, attempt } as Parameters<typeof stepMessageId>[0]);
}

/** The row of a run as its steps make it. */
export function runRowOf(runId: RunId, steps: ModelStep[]): RunRow {
  const open = steps.filter(isOpen).length;
  const failed = steps.filter(({ status }) => status === 'failed').length;
  const status = open > 0 ? 'running' : failed > 0 ? 'failed' : 'succeeded';
  return { id: runId, status, open, failed, finished: open === 0 };
}

export interface RunRow {
  id: RunId;
  status: string;
  open: number;
  failed: number;
  finished: boolean;
}
