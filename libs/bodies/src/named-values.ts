import { refuse } from './body-error.js';

/** Values under the names of form fields or parts; a name that comes again makes a list. */
export class NamedValues<T> {
  private readonly values = new Map<string, T | T[]>();
  private count = 0;

  constructor(private readonly maxCount: number) {}

  /** Throws `BodyFaultError` for one value too many, and for a name that would change a prototype. */
  add(name: string, value: T): void {
    this.count += 1;
    if (this.count > this.maxCount) refuse(`The form has more than ${this.maxCount} fields`);
    if (name === '__proto__') refuse('The form has a field with a name that is not accepted: __proto__');
    const before = this.values.get(name);
    if (before === undefined) this.values.set(name, value);
    else if (Array.isArray(before)) before.push(value);
    else this.values.set(name, [before, value]);
  }

  toJson(): string {
    return JSON.stringify(Object.fromEntries(this.values));
  }
}
