/** When a delivery is handled: beside others, with nothing beside it, or at once whatever else is being handled. */
export type Turn = 'shared' | 'alone' | 'atOnce';

/**
 * Who may begin: up to `concurrency` of those that share, or one alone. One that is to be alone lets no other begin, waits
 * for those that run and is followed by the sharing ones that waited meanwhile. So they alternate, and neither kind can
 * keep the other from its turn.
 */
export class Turns<T> {
  readonly #concurrency: number;
  #shared: T[] = [];
  #alone: T[] = [];
  #running = 0;
  #aloneRuns = false;
  /** How many of those that share come before the next one alone. */
  #sharedFirst = 0;

  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  /** Whether one alone runs or waits. */
  get anyAlone(): boolean {
    return this.#aloneRuns || this.#alone.length > 0;
  }

  add(item: T, turn: Exclude<Turn, 'atOnce'>): void {
    (turn === 'alone' ? this.#alone : this.#shared).push(item);
  }

  /** The next one that may begin now; it counts as running until `end`. */
  next(): T | undefined {
    if (this.#aloneRuns) return undefined;
    if (this.#alone.length > 0 && (this.#sharedFirst === 0 || this.#shared.length === 0)) {
      if (this.#running > 0) return undefined;
      this.#aloneRuns = true;
      this.#running = 1;
      return this.#alone.shift();
    }
    if (this.#running >= this.#concurrency) return undefined;
    const item = this.#shared.shift();
    if (item === undefined) return undefined;
    this.#running += 1;
    if (this.#sharedFirst > 0) this.#sharedFirst -= 1;
    return item;
  }

  /** One that ran has ended. */
  end(): void {
    this.#running -= 1;
    if (!this.#aloneRuns) return;
    this.#aloneRuns = false;
    this.#sharedFirst = this.#shared.length;
  }

  /** Takes out those waiting ones for which the test is true. */
  remove(test: (item: T) => boolean): T[] {
    const removed = [...this.#shared, ...this.#alone].filter(test);
    if (removed.length > 0) {
      this.#shared = this.#shared.filter((item) => !test(item));
      this.#alone = this.#alone.filter((item) => !test(item));
      this.#sharedFirst = Math.min(this.#sharedFirst, this.#shared.length);
    }
    return removed;
  }
}
