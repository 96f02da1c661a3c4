import type { Fault } from './fault.js';

/** `kill -9`, and started again: the process has no time for a last word. */
export const kill: Fault = {
  name: 'kill -9',
  perKill: 1,
  choose: (random, processes) => ({ on: random.pick(processes).name, forMs: random.between(0, 600) }),
  async inflict(stack, { on, forMs }) {
    const victim = stack.instance(on);
    await victim.alone(async () => {
      await victim.kill(forMs);
      await victim.settle();
    });
  },
};
