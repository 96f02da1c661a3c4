import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './fault.js';

/**
 * The connections of a process to the broker stay and no byte passes, as behind a router that forgot them. For a moment, or
 * until both sides have given the other one up.
 */
export const silence: Fault = {
  name: 'connection silent',
  perKill: 0.03,
  long: true,
  choose: (random, processes) => ({
    on: random.pick(processes).name,
    forMs: random.next() < 0.5 ? random.between(1_000, 6_000) : random.between(25_000, 33_000),
  }),
  async inflict(stack, { on, forMs }) {
    const way = stack.instance(on).brokerWay;
    way?.stall();
    await sleep(forMs);
    way?.restore();
    // What both sides had given up is over; new connections pass.
    way?.cut();
  },
};
