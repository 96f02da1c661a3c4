import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './fault.js';

/**
 * SIGSTOP for longer than its leases, and SIGCONT: by then the broker has given its messages to another one (after two to
 * three heartbeats of 10 s), the reconciler has sent its steps again, and it goes on where it was without knowing.
 */
export const freeze: Fault = {
  name: 'SIGSTOP beyond the lease',
  perKill: 0.03,
  long: true,
  choose: (random, processes) => ({ on: random.pick(processes).name, forMs: random.between(31_000, 36_000) }),
  async inflict(stack, { on, forMs }) {
    const victim = stack.instance(on);
    victim.freeze();
    await sleep(forMs);
    victim.thaw();
    await victim.settle();
  },
};
