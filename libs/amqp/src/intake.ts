/**
 * How much a subscription takes in, in bytes: the prefetch of AMQP counts messages only, and one message may be ten thousand
 * times as large as another.
 *
 *   open ── a message would exceed `maxBytes`: half as many ahead from now on ──▶ stopped
 *     ▲                                                                              │
 *     └────────────────────── half of `maxBytes` is free again ──────────────────────┘
 *
 * The number of messages ahead is halved, not reckoned from the largest: what fitted tells how many of the present mix fit,
 * and when the next consumer starts, up to half of the bytes are still held for the one before. It doubles when the bytes
 * stayed below a quarter for a while, so that the doubled number and what is left of the old one fit together.
 */
export class Intake {
  readonly #maxBytes: number;
  readonly #fullPrefetch: number;
  #prefetch: number;
  #heldBytes = 0;
  #held = 0;
  #stopped = false;
  #peakBytes = 0;
  #sinceChange = 0;

  constructor(options: { prefetch: number; maxBytes: number }) {
    this.#maxBytes = options.maxBytes;
    this.#fullPrefetch = options.prefetch;
    this.#prefetch = options.prefetch;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** How many messages to take ahead, 0 while there is no room. */
  get prefetch(): number {
    return this.#stopped ? 0 : this.#prefetch;
  }

  /** Counts a message in. False when there is no room for it; one message alone always has room. */
  take(bytes: number): boolean {
    if (this.#held > 0 && this.#heldBytes + bytes > this.#maxBytes) {
      if (!this.#stopped) this.#stop();
      return false;
    }
    this.#held += 1;
    this.#heldBytes += bytes;
    if (this.#prefetch < this.#fullPrefetch) this.#growIfSmall();
    return true;
  }

  /** Counts a message out that was taken. */
  release(bytes: number): void {
    this.#held -= 1;
    this.#heldBytes -= bytes;
    if (this.#heldBytes <= this.#maxBytes / 2) this.#stopped = false;
  }

  #stop(): void {
    this.#stopped = true;
    this.#prefetch = Math.max(1, Math.floor(Math.min(this.#held, this.#prefetch) / 2));
    this.#watchAnew();
  }

  #growIfSmall(): void {
    this.#sinceChange += 1;
    this.#peakBytes = Math.max(this.#peakBytes, this.#heldBytes);
    if (this.#sinceChange < 4 * this.#prefetch) return;
    if (this.#peakBytes <= this.#maxBytes / 4) this.#prefetch = Math.min(this.#fullPrefetch, 2 * this.#prefetch);
    this.#watchAnew();
  }

  #watchAnew(): void {
    this.#sinceChange = 0;
    this.#peakBytes = 0;
  }
}
