import { setTimeout as sleep } from 'node:timers/promises';
import type { ChaosStack } from '../stack/chaos-stack.js';
import { kill } from './all.js';
import type { Choice } from './fault.js';
import type { PlannedFault } from './plan.js';

/** A fault that happened. */
export interface Inflicted extends Choice {
  readonly fault: string;
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly until: number;
}

export interface StormOptions {
  readonly onFault: (inflicted: Inflicted) => void;
  /** No fault begins after this, in milliseconds since the epoch. */
  readonly deadline: number;
}

/** So many may be on their way back; on a machine that takes longer for it, the plan waits, or nothing would run at all. */
const killsAtOnce = 3;

/**
 * Carries a plan out. Faults overlap as they come; those of one process, or of one server, follow each other. Resolves when
 * the last one is over. @throws AggregateError when one could not be inflicted or undone; no other one begins then.
 */
export async function storm(
  stack: ChaosStack,
  plan: readonly PlannedFault[],
  { onFault, deadline }: StormOptions,
): Promise<void> {
  let beganAt = Date.now();
  const kills = new Set<Promise<void>>();
  const underWay = new Set<Promise<void>>();
  const turns = new Map<string, Promise<void>>();
  const failures: unknown[] = [];

  async function inflict({ fault, choice }: PlannedFault): Promise<void> {
    const from = Date.now();
    try {
      await fault.inflict(stack, choice);
    } catch (error) {
      failures.push(error);
    }
    onFault({ ...choice, fault: fault.name, from, until: Date.now() });
  }

  for (const planned of plan) {
    const { atMs, fault, choice } = planned;
    await sleep(Math.max(0, beganAt + atMs - Date.now()));
    if (fault === kill) while (kills.size >= killsAtOnce) await Promise.race(kills);
    // What comes later keeps its distance.
    beganAt = Math.max(beganAt, Date.now() - atMs);
    if (Date.now() > deadline || failures.length > 0) break;
    const before = turns.get(choice.on);
    const ending = before ? before.then(() => inflict(planned)) : inflict(planned);
    if (fault.ofServer) turns.set(choice.on, ending);
    for (const group of fault === kill ? [kills, underWay] : [underWay]) {
      group.add(ending);
      void ending.then(() => group.delete(ending));
    }
  }
  await Promise.all(underWay);
  if (failures.length > 0) throw new AggregateError(failures, 'A fault could not be inflicted or undone.');
}
