import type { Random } from '../random.js';
import type { ChaosStack } from '../stack/chaos-stack.js';

/** What somebody may do to the stack. A new fault is a file of its own with a line in `all.ts`. */
export interface Fault {
  readonly name: string;
  /** How often it comes for each kill; the kill itself is 1. It comes once at least. */
  readonly perKill: number;
  /** Only in the first part of the plan, because it takes long. */
  readonly long?: boolean;
  /** Of a server that all share: one at a time. Those of processes see to that themselves. */
  readonly ofServer?: boolean;
  /** Chooses what it is done to, and how: plain data, from the seed alone. */
  choose(random: Random, processes: readonly PlannedProcess[]): Choice;
  /** Does it, undoes it, and resolves when that is done. */
  inflict(stack: ChaosStack, choice: Choice): Promise<void>;
}

/** What a plan knows of a process. */
export interface PlannedProcess {
  readonly name: string;
  readonly usesDatabase: boolean;
}

export interface Choice {
  /** The process, `broker`, `Postgres`, `target`, or `all`. */
  readonly on: string;
  readonly forMs: number;
  /** What exactly, where there is more than one way. */
  readonly how?: string;
}
