import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './fault.js';

/** SIGSTOP for a moment, as of a machine that swaps: shorter than the heartbeats, longer than callers like to wait. */
export const freezeBriefly: Fault = {
  name: 'SIGSTOP for a moment',
  perKill: 0.08,
  choose: (random, processes) => ({ on: random.pick(processes).name, forMs: random.between(500, 8_000) }),
  async inflict(stack, { on, forMs }) {
    const victim = stack.instance(on);
    victim.freeze();
    await sleep(forMs);
    victim.thaw();
  },
};
