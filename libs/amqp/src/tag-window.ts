/**
 * Values by consecutive tags from 1, as a channel hands them out: for what was published and not yet confirmed, and for
 * what was delivered and not yet settled. Constant time and no allocation per tag; `first` moves on past removed tags.
 */
export class TagWindow<T> {
  #values: (T | undefined)[] = [];
  #head = 0;
  #first = 1;

  /** The lowest tag that is still in the window; equal to `next` when it is empty. */
  get first(): number {
    return this.#first;
  }

  /** The tag that the next value gets. */
  get next(): number {
    return this.#first + this.#values.length - this.#head;
  }

  /** Adds a value and returns its tag. */
  push(value: T): number {
    return this.#first + this.#values.push(value) - 1 - this.#head;
  }

  get(tag: number): T | undefined {
    return tag < this.#first ? undefined : this.#values[this.#head + tag - this.#first];
  }

  set(tag: number, value: T): void {
    if (tag >= this.#first && tag < this.next) this.#values[this.#head + tag - this.#first] = value;
  }

  /** Takes one value out. */
  remove(tag: number): T | undefined {
    const value = this.get(tag);
    if (value === undefined) return undefined;
    this.#values[this.#head + tag - this.#first] = undefined;
    while (this.#head < this.#values.length && this.#values[this.#head] === undefined) {
      this.#head += 1;
      this.#first += 1;
    }
    // Amortised: the removed front is cut off only once it is the larger part.
    if (this.#head > 1024 && this.#head * 2 > this.#values.length) {
      this.#values = this.#values.slice(this.#head);
      this.#head = 0;
    }
    return value;
  }

  /** The values in the window, lowest tag first. */
  *values(): Generator<T> {
    for (let index = this.#head; index < this.#values.length; index += 1) {
      const value = this.#values[index];
      if (value !== undefined) yield value;
    }
  }
}
