/*
 * Who runs when: the slots of one process are shared among flows, so that a slow flow with a long backlog does not keep the
 * others waiting.
 *
 * - A free slot goes to the flow that has the fewest at present.
 * - An eighth of the slots is kept for flows that are quick. A flow that is not known yet may take one of those, and learns
 *   by it; one that is known to be slow may not.
 * - A queue gives its messages in order, so those of a slow flow stand before all that came later. What a slow flow has
 *   waiting here is therefore put aside, in another queue, and the queue goes on. There are two of them by pace, so that
 *   steps of a tenth of a second do not wait behind some of a minute.
 *
 * How slow a flow is follows from how long its steps took, or, while a half of its running ones take longer than that, from
 * these. Nothing is put aside while there is a slot for it.
 *
 * Nothing waits here for longer than `maxWaitMs`, whatever runs: a step that was taken counts as lost when its time-out and a
 * minute of grace have passed (`lost-steps.ts` of the orchestrator), and that time has to be the step's own. What waited so long
 * goes back to the end of its queue, where it is seen to wait.
 */

/** How long the steps of a flow take: below 100 ms, below a second, longer. */
export type Pace = 'quick' | 'slow' | 'slowest';

export type Entry =
  /** Runs now; `leave` must be called when it has ended. */
  | { entry: 'run'; leave: () => void }
  /** Is to be put aside, to the queue for this pace. */
  | { entry: 'aside'; pace: Exclude<Pace, 'quick'> }
  /** Has waited for as long as a step may, and is to be put at the end of its queue. */
  | { entry: 'later' }
  /** The process takes nothing more. */
  | { entry: 'closed' };

const slowFromMs = 100;
const slowestFromMs = 1_000;
/** How much the last step counts in the time that the steps of a flow take. */
const lastStepWeight = 0.2;
const lookEveryMs = 50;
/** A third of the grace that the orchestrator gives; the rest is for the way of the result. */
export const maxWaitMs = 20_000;
/** Flows whose pace is remembered though they have nothing here. */
const maxRemembered = 2_000;

interface Waiter {
  readonly movable: boolean;
  readonly since: number;
  readonly enter: (entry: Entry) => void;
}

interface Flow {
  /** In the order of their beginning. */
  readonly running: Map<symbol, number>;
  readonly waiting: Waiter[];
  averageMs: number | undefined;
}

export interface FairSlotsOptions {
  concurrency: number;
  /** Milliseconds that never go back. */
  clock?: () => number;
}

export class FairSlots {
  readonly #concurrency: number;
  /** Slots that a slow flow may take. */
  readonly #common: number;
  readonly #clock: () => number;
  /** The longest unseen one first. */
  readonly #flows = new Map<string, Flow>();
  readonly #waitingFlows = new Set<Flow>();
  #running = 0;
  #closed = false;
  #look: NodeJS.Timeout | undefined;

  constructor({ concurrency, clock = () => performance.now() }: FairSlotsOptions) {
    this.#concurrency = concurrency;
    this.#common = concurrency === 1 ? 1 : concurrency - Math.max(1, Math.floor(concurrency / 8));
    this.#clock = clock;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    let waiting = 0;
    for (const flow of this.#waitingFlows) waiting += flow.waiting.length;
    return waiting;
  }

  /** Slots that steps of slow flows may have together. */
  get common(): number {
    return this.#common;
  }

  /** Resolves when the step may run or is to be put aside, which only happens to one that is `movable`. */
  enter(flowId: string, { movable }: { movable: boolean }): Promise<Entry> | Entry {
    if (this.#closed) return closed;
    const flow = this.#flow(flowId);
    if (flow.waiting.length === 0 && this.#mayBegin(flow)) return this.#begin(flow);
    const pace = this.#paceOf(flow);
    if (movable && pace !== 'quick') return { entry: 'aside', pace };
    return new Promise((enter) => {
      flow.waiting.push({ movable, since: this.#clock(), enter });
      this.#waitingFlows.add(flow);
      this.#look ??= setInterval(() => this.look(), lookEveryMs).unref();
    });
  }

  /** Puts aside what waits of flows that turned out to be slow, and sends back what waited for too long. Called from time to time while something waits. */
  look(): void {
    for (const flow of this.#waitingFlows) {
      const pace = this.#paceOf(flow);
      if (pace === 'quick') continue;
      const moved = flow.waiting.filter(({ movable }) => movable);
      flow.waiting.splice(0, Infinity, ...flow.waiting.filter(({ movable }) => !movable));
      if (flow.waiting.length === 0) this.#waitingFlows.delete(flow);
      for (const { enter } of moved) enter({ entry: 'aside', pace });
    }
    this.#beginWhatMay();
    for (const flow of this.#waitingFlows) this.#sendBack(flow);
    this.#restIfNobodyWaits();
  }

  /** Nothing begins any more; what waits is told so. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#look);
    for (const flow of this.#waitingFlows) for (const { enter } of flow.waiting.splice(0)) enter(closed);
    this.#waitingFlows.clear();
  }

  #begin(flow: Flow): Entry {
    const token = Symbol('step');
    flow.running.set(token, this.#clock());
    this.#running += 1;
    return { entry: 'run', leave: () => this.#leave(flow, token) };
  }

  #leave(flow: Flow, token: symbol): void {
    const beganAt = flow.running.get(token);
    if (beganAt === undefined) return;
    flow.running.delete(token);
    this.#running -= 1;
    const tookMs = this.#clock() - beganAt;
    flow.averageMs =
      flow.averageMs === undefined ? tookMs : flow.averageMs + (tookMs - flow.averageMs) * lastStepWeight;
    this.#beginWhatMay();
  }

  #beginWhatMay(): void {
    for (;;) {
      let next: Flow | undefined;
      for (const flow of this.#waitingFlows) {
        if ((!next || flow.running.size < next.running.size) && this.#mayBegin(flow)) next = flow;
      }
      const waiter = next?.waiting.shift();
      if (!next || !waiter) break;
      // Behind others that have as few.
      this.#waitingFlows.delete(next);
      if (next.waiting.length > 0) this.#waitingFlows.add(next);
      waiter.enter(this.#begin(next));
    }
    this.#restIfNobodyWaits();
  }

  #sendBack(flow: Flow): void {
    // The first one waits for longest.
    while (flow.waiting[0] && this.#clock() - flow.waiting[0].since >= maxWaitMs) {
      flow.waiting.shift()?.enter({ entry: 'later' });
    }
    if (flow.waiting.length === 0) this.#waitingFlows.delete(flow);
  }

  #restIfNobodyWaits(): void {
    if (this.#waitingFlows.size > 0) return;
    clearInterval(this.#look);
    this.#look = undefined;
  }

  #mayBegin(flow: Flow): boolean {
    if (this.#closed || this.#running >= this.#concurrency) return false;
    if (this.#running < this.#common) return true;
    if (this.#paceOf(flow) !== 'quick') return false;
    return flow.averageMs !== undefined || flow.running.size === 0;
  }

  #paceOf(flow: Flow): Pace {
    const tookMs = Math.max(flow.averageMs ?? 0, this.#medianAgeMs(flow));
    if (tookMs < slowFromMs) return 'quick';
    return tookMs < slowestFromMs ? 'slow' : 'slowest';
  }

  /** For how long the younger half of the running steps of a flow does not run yet; not looked for while it is short. */
  #medianAgeMs({ running }: Flow): number {
    const now = this.#clock();
    let index = 0;
    let age = 0;
    for (const beganAt of running.values()) {
      age = now - beganAt;
      if (age < slowFromMs || index >= Math.floor(running.size / 2)) break;
      index += 1;
    }
    return age;
  }

  #flow(id: string): Flow {
    const known = this.#flows.get(id);
    const flow = known ?? { running: new Map<symbol, number>(), waiting: [], averageMs: undefined };
    if (known) this.#flows.delete(id);
    this.#flows.set(id, flow);
    if (this.#flows.size > maxRemembered) this.#forgetOne();
    return flow;
  }

  #forgetOne(): void {
    for (const [id, { running, waiting }] of this.#flows) {
      if (running.size > 0 || waiting.length > 0) continue;
      this.#flows.delete(id);
      return;
    }
  }
}

const closed: Entry = { entry: 'closed' };
