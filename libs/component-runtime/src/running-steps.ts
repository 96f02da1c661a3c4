import { AsyncLocalStorage } from 'node:async_hooks';
import { StepAbort } from '@millrace/component-sdk';
import type { StepMessage } from '@millrace/contracts';

/** Why a step is aborted when the process must end. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
}

export interface RunningStep {
  readonly message: StepMessage;
  readonly abort: StepAbort;
  /** True once its result is decided; code of the operation may run on. */
  ended: boolean;
}

/** The step on whose behalf the present code runs, also in its timers, promises and callbacks. */
export const stepContext = new AsyncLocalStorage<RunningStep>();

/** An operation that was aborted gets this long to end before it counts as one that ignores its abort. */
const graceMs = 1_000;

/** The steps that run in this process, and the operations that run on though their steps were answered. */
export class RunningSteps {
  /** Called when the number of steps or orphans has changed. */
  onChange: () => void = () => undefined;
  /** Called before code of an operation is called on behalf of its step. */
  onCall: (step: RunningStep) => void = () => undefined;
  readonly #steps = new Set<RunningStep>();
  /** When each was left behind, oldest first. */
  readonly #orphans = new Map<RunningStep, number>();
  #interrupted = false;

  /** True once the process must end: nothing is begun or waited for any more. */
  get ending(): boolean {
    return this.#interrupted;
  }

  get inFlight(): number {
    return this.#steps.size;
  }

  /** The one step that runs; `undefined` when there is none or there are several. */
  get only(): RunningStep | undefined {
    const [first, second] = this.#steps;
    return second ? undefined : first;
  }

  get orphans(): number {
    return this.#orphans.size;
  }

  /** For how long the oldest orphan runs on, in milliseconds; 0 when there is none. */
  get oldestOrphanMs(): number {
    const [since] = this.#orphans.values();
    return since === undefined ? 0 : performance.now() - since;
  }

  begin(message: StepMessage): RunningStep {
    const step: RunningStep = { message, abort: new StepAbort(), ended: false };
    this.#steps.add(step);
    if (this.#interrupted) step.abort.abort(new Interruption('the process ends'));
    return step;
  }

  /** Calls code of the operation on behalf of its step. */
  call<T>(step: RunningStep, code: () => T): T {
    this.onCall(step);
    return stepContext.run(step, code);
  }

  /** The result of a step is decided. `work` is what its operation returned. */
  end(step: RunningStep, work: Promise<unknown> | undefined): void {
    step.ended = true;
    this.#steps.delete(step);
    if (step.abort.aborted && work && !this.#interrupted) this.#watch(step, work);
  }

  /** Aborts all steps; they end as interrupted, and so do those that come after. */
  interrupt(): void {
    this.#interrupted = true;
    for (const { abort } of this.#steps) abort.abort(new Interruption('the process ends'));
  }

  #watch(step: RunningStep, work: Promise<unknown>): void {
    const timer = setTimeout(() => {
      this.#orphans.set(step, performance.now());
      this.onChange();
    }, graceMs).unref();
    const settled = (): void => {
      clearTimeout(timer);
      if (this.#orphans.delete(step)) this.onChange();
    };
    work.then(settled, settled);
  }
}
