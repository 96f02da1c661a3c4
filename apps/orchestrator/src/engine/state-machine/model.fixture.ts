import { childPath, rootPath, stepMessageId, type RunId, type StepId, type StepPath } from '@millrace/contracts';
import type { FlowDraft } from '@millrace/flow-model';

export const maxAttempts = 3;
export const concurrency = 2;
const retry = { maxAttempts, initialDelayMs: 60_000 };
const step = (id: string) => ({ id, component: 'echo', operation: 'echo', retry });

/**
 * What the runs of the model run: `s0` is followed by `s1` and `s2`, and `s1` by `s3`. Requests with the same `once` are
 * duplicates. With `queues` two runs go on at a time, and of each `key` one.
 */
export function definitionOf(queues: boolean): FlowDraft {
  const trigger = { deduplicate: { key: 'once', windowSeconds: 3_600 } };
  return {
    steps: [
      { ...step('s0'), component: 'webhook', operation: 'receive', config: trigger },
      step('s1'),
      step('s2'),
      step('s3'),
    ],
    edges: [
      { from: 's0', to: 's1' },
      { from: 's0', to: 's2' },
      { from: 's1', to: 's3' },
    ],
    ...(queues && { settings: { concurrency, order: { key: 'key', onFailure: 'continue' } } }),
  };
}

const children: Record<string, string[]> = { s0: ['s1', 's2'], s1: ['s3'] };
const ancestors: Record<string, string[]> = { s0: [], s1: ['s0'], s2: ['s0'], s3: ['s0', 's1'] };

export type StepStatus = 'running' | 'waiting' | 'succeeded' | 'failed' | 'cancelled';

/** What the model knows of a step run. */
export interface ModelStep {
  runId: RunId;
  stepId: StepId;
  path: StepPath;
  status: StepStatus;
  /** Of one that waits: for a call of its resume URL, and not for its next attempt. */
  forCall: boolean;
  /** Whether the time for such a call is over. */
  expired: boolean;
  /** The present one; of one that waits for it the next. */
  attempt: number;
  /** Attempts before somebody retried it, which count no more. */
  retriedAfter: number;
  /** How many outputs it had when it succeeded. */
  outputs: number;
}

/** A call that is kept for every step run of that id whose path begins so. */
export interface ModelCall {
  stepId: StepId;
  path: StepPath;
}

export interface ModelRun {
  id: RunId;
  state: 'queued' | 'begun' | 'cancelled' | 'duplicate';
  key: string | undefined;
  /** Whether it has a place in the queue of its flow. */
  place: boolean;
  steps: ModelStep[];
  calls: ModelCall[];
}

/** The runs that there must be; commands change it as they change the tables. */
export class Model {
  readonly runs = new Map<RunId, ModelRun>();
  paused = false;
  /** The run whose request the others repeat. */
  first: RunId | undefined;

  constructor(
    /** Whether the flow limits and orders its runs. */
    readonly queues: boolean,
  ) {}

  get steps(): ModelStep[] {
    return [...this.runs.values()].flatMap(({ steps }) => steps);
  }

  /** One of the steps that fit, by any number; `undefined` when there is none. */
  pick(number: number, fits: (step: ModelStep) => boolean): ModelStep | undefined {
    return picked(this.steps, number, fits);
  }

  pickRun(number: number, fits: (run: ModelRun) => boolean): ModelRun | undefined {
    return picked([...this.runs.values()], number, fits);
  }

  add(id: RunId, state: ModelRun['state'], key?: string): ModelRun {
    const run: ModelRun = { id, state, key, place: false, steps: [], calls: [] };
    this.runs.set(id, run);
    return run;
  }

  begin(run: ModelRun): ModelStep {
    run.state = 'begun';
    const trigger = opened(run.id, 's0', rootPath);
    run.steps.push(trigger);
    return trigger;
  }

  /**
   * What a look at the queue does: runs that have ended give their places back, and the earliest begin whose key nobody has,
   * while there are places. Gives the trigger steps of those that begin.
   */
  advance(): ModelStep[] {
    const all = [...this.runs.values()].toSorted((one, other) => (one.id < other.id ? -1 : 1));
    for (const run of all) if (hasFinished(run)) run.place = false;
    if (this.paused) return [];
    const begun: ModelStep[] = [];
    for (const run of all) {
      if (run.state !== 'queued') continue;
      const placed = all.filter(({ place }) => place);
      if (
        this.queues &&
        (placed.length >= concurrency || placed.some(({ key }) => key !== undefined && key === run.key))
      ) {
        continue;
      }
      run.place = this.queues;
      begun.push(this.begin(run));
    }
    return begun;
  }

  /** Ends a step with outputs and opens what follows. */
  succeed(ended: ModelStep, outputs: number): ModelStep[] {
    ended.status = 'succeeded';
    ended.outputs = outputs;
    const following = Array.from({ length: outputs }, (_, index) =>
      (children[ended.stepId] ?? []).map((id) => opened(ended.runId, id, childPath(ended.path, index))),
    ).flat();
    this.runs.get(ended.runId)?.steps.push(...following);
    return following;
  }

  /** The steps that a step opened when it succeeded. */
  below({ runId, stepId, path, outputs }: ModelStep): ModelStep[] {
    const paths = Array.from({ length: outputs }, (_, index) => childPath(path, index));
    return (this.runs.get(runId)?.steps ?? []).filter(
      (found) => children[stepId]?.includes(found.stepId) && paths.includes(found.path),
    );
  }

  /** What becomes of a call of a resume URL; one that is kept is noted. */
  call({ id, state, steps, calls }: ModelRun, target: ModelCall): 'kept' | 'alreadyResumed' | 'gone' {
    const { stepId, path } = target;
    const called = (at: StepPath): boolean => calls.some((call) => call.stepId === stepId && isWithin(at, call.path));
    const isOpenRun = state === 'begun' && steps.some(isOpen) && this.runs.has(id);
    const there = steps.some(
      (one) => one.stepId === stepId && isWithin(one.path, path) && isOpen(one) && !one.expired && !called(one.path),
    );
    const toCome = steps.some(
      (one) =>
        ancestorsOf(stepId).includes(one.stepId) &&
        isOpen(one) &&
        (isWithin(one.path, path) || isWithin(path, one.path)),
    );
    if (isOpenRun && (there || (toCome && !called(path)))) {
      calls.push(target);
      return 'kept';
    }
    return called(path) ? 'alreadyResumed' : 'gone';
  }

  /** Whether somebody has called a step that waits for it. */
  wasCalled({ runId, stepId, path }: ModelStep): boolean {
    const calls = this.runs.get(runId)?.calls ?? [];
    return calls.some((call) => call.stepId === stepId && isWithin(path, call.path));
  }
}

function picked<Item>(items: Item[], number: number, fits: (item: Item) => boolean): Item | undefined {
  const candidates = items.filter(fits);
  return candidates[number % Math.max(1, candidates.length)];
}

function opened(runId: RunId, stepId: string, path: StepPath): ModelStep {
  const fresh = { status: 'running', forCall: false, expired: false, attempt: 1, retriedAfter: 0, outputs: 0 } as const;
  return { runId, stepId: stepId as StepId, path, ...fresh };
}

const isWithin = (path: StepPath, prefix: StepPath): boolean =>
  prefix === '' || path === prefix || path.startsWith(`${prefix}.`);

export const childrenOf = (stepId: StepId): StepId[] => (children[stepId] ?? []) as StepId[];
export const ancestorsOf = (stepId: StepId): StepId[] => (ancestors[stepId] ?? []) as StepId[];

export const isOpen = ({ status }: ModelStep): boolean => status === 'running' || status === 'waiting';
export const runs = ({ status }: ModelStep): boolean => status === 'running';
export const waits = ({ status }: ModelStep): boolean => status === 'waiting';
export const waitsForAttempt = (step: ModelStep): boolean => waits(step) && !step.forCall;
export const waitsForCall = (step: ModelStep): boolean => waits(step) && step.forCall;
export const hasFailed = ({ status }: ModelStep): boolean => status === 'failed';

export const hasFinished = ({ state, steps }: ModelRun): boolean =>
  state === 'cancelled' || state === 'duplicate' || (state === 'begun' && !steps.some(isOpen));

/** A step run whose first attempt runs may not have been sent: who learns of it again sends it again. */
export const mayBeUnsent = (step: ModelStep): boolean => runs(step) && step.attempt === 1;

/** The id of the message that a step is sent with. */
export function messageIdOf({ runId, stepId, path, attempt }: ModelStep): string {
  return stepMessageId({ runId, stepId, path, attempt } as Parameters<typeof stepMessageId>[0]);
}

/** The row of a run as its steps make it. */
export function runRowOf(run: ModelRun): RunRow {
  const { id, state, steps, place } = run;
  const open = steps.filter(isOpen).length;
  const failed = steps.filter(hasFailed).length;
  const going = steps.some(waitsForCall) ? 'waiting' : 'running';
  const begun = open > 0 ? going : failed > 0 ? 'failed' : 'succeeded';
  return { id, status: state === 'begun' ? begun : state, open, failed, finished: hasFinished(run), place };
}

export interface RunRow {
  id: RunId;
  status: string;
  open: number;
  failed: number;
  finished: boolean;
  /** Whether it has a place in the queue of its flow. */
  place: boolean;
}
