import { AsyncLocalStorage } from 'node:async_hooks';
import { StepAbort } from '@millrace/component-sdk';
import type { RpcRequest, StepMessage } from '@millrace/contracts';

/** Why a step or a question is aborted when the process must end. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
}

interface Running {
  readonly abort: StepAbort;
  /** What the component's code returned; it may run on when its time is up. */
  work: Promise<unknown> | undefined;
  /** True once its result or answer is decided; code of the component may run on. */
  ended: boolean;
}

export interface RunningStep extends Running {
  readonly kind: 'step';
  readonly message: StepMessage;
}

/** Where the answer to a question goes. */
export interface Caller {
  replyTo: string;
  correlationId: string;
}

export interface RunningQuestion extends Running {
  readonly kind: 'question';
  readonly component: string;
  readonly request: RpcRequest;
  readonly caller: Caller | undefined;
}

export type RunningWork = RunningStep | RunningQuestion;

/** The step or question on whose behalf the present code runs, also in its timers, promises and callbacks. */
export const workContext = new AsyncLocalStorage<RunningWork>();

/** Code that was aborted gets this long to end before it counts as one that ignores its abort. */
const graceMs = 1_000;

/** The steps and questions that this process works on, and the code that runs on though they were answered. */
export class RunningSteps {
  /** Called when the number of steps or orphans has changed. */
  onChange: () => void = () => undefined;
  /** Called before code of the component is called on behalf of a step or a question. */
  onCall: (work: RunningWork) => void = () => undefined;
  readonly #steps = new Set<RunningStep>();
  readonly #questions = new Set<RunningQuestion>();
  /** Aborted, answered, and not known to have ended. */
  readonly #leftBehind = new Set<RunningWork>();
  /** When those that ignore their abort were left behind, oldest first. */
  readonly #orphans = new Map<RunningWork, number>();
  #alone = 0;
  #lastQuestions = false;
  #onQuiet: (() => void)[] = [];
  #interrupted = false;

  /** True once the process must end: nothing is begun or waited for any more. */
  get ending(): boolean {
    return this.#interrupted;
  }

  get inFlight(): number {
    return this.#steps.size;
  }

  get questions(): ReadonlySet<RunningQuestion> {
    return this.#questions;
  }

  /** The one step or question that code of the component can belong to; `undefined` when there may be several, or none. */
  get only(): RunningWork | undefined {
    if (this.#leftBehind.size > 0 || this.#steps.size + this.#questions.size !== 1) return undefined;
    const [work] = [...this.#steps, ...this.#questions];
    return work;
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
    const step: RunningStep = { kind: 'step', message, abort: new StepAbort(), work: undefined, ended: false };
    this.#steps.add(step);
    if (this.#interrupted) step.abort.abort(new Interruption('the process ends'));
    return step;
  }

  ask(question: Pick<RunningQuestion, 'component' | 'request' | 'caller'>): RunningQuestion {
    const asked: RunningQuestion = {
      kind: 'question',
      ...question,
      abort: new StepAbort(),
      work: undefined,
      ended: false,
    };
    this.#questions.add(asked);
    if (this.#interrupted) asked.abort.abort(new Interruption('the process ends'));
    return asked;
  }

  /** Calls code of the component on behalf of a step or a question. */
  call<T>(work: RunningWork, code: () => T): T {
    this.onCall(work);
    return workContext.run(work, code);
  }

  /** `busy` while a step runs alone, `ending` once the process is about to end. */
  get takesQuestions(): 'yes' | 'busy' | 'ending' {
    if (this.#lastQuestions || this.#interrupted) return 'ending';
    return this.#alone === 0 ? 'yes' : 'busy';
  }

  /** Those under way are answered by somebody else; none is begun any more. */
  refuseQuestions(): void {
    this.#lastQuestions = true;
  }

  /**
   * Runs a step with no question beside it: those under way are waited for. If the process ends with it, then by this step, for
   * the consumer sees to it that no other one runs.
   */
  async alone<T>(run: () => Promise<T>): Promise<T> {
    this.#alone += 1;
    try {
      if (this.#questions.size > 0) await new Promise<void>((resolve) => this.#onQuiet.push(resolve));
      return await run();
    } finally {
      this.#alone -= 1;
    }
  }

  /** The result or the answer is decided. */
  end(work: RunningWork): void {
    work.ended = true;
    if (work.kind === 'step') this.#steps.delete(work);
    else this.#questions.delete(work);
    if (this.#questions.size === 0) for (const tell of this.#onQuiet.splice(0)) tell();
    if (work.abort.aborted && work.work && !this.#interrupted) this.#watch(work, work.work);
  }

  /** Aborts all; steps end as interrupted, questions are answered so, and so are those that come after. */
  interrupt(): void {
    this.#interrupted = true;
    for (const { abort } of [...this.#steps, ...this.#questions]) abort.abort(new Interruption('the process ends'));
  }

  #watch(work: RunningWork, ending: Promise<unknown>): void {
    this.#leftBehind.add(work);
    const timer = setTimeout(() => {
      this.#orphans.set(work, performance.now());
      this.onChange();
    }, graceMs).unref();
    const settled = (): void => {
      clearTimeout(timer);
      this.#leftBehind.delete(work);
      if (this.#orphans.delete(work)) this.onChange();
    };
    ending.then(settled, settled);
  }
}
