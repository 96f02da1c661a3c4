import { setTimeout as sleep } from 'node:timers/promises';
import { moods } from '../target/mood.js';
import type { Fault } from './fault.js';

/** The target is slow, away, busy, silent, or takes the effect and does not say so: see `target/mood.ts`. */
export const targetUnwell: Fault = {
  name: 'target unwell',
  perKill: 0.15,
  ofServer: true,
  choose: (random) => ({ on: 'target', how: random.pick(moods), forMs: random.between(500, 2_500) }),
  async inflict({ target }, { how, forMs }) {
    target.mood = moods.find((mood) => mood === how);
    await sleep(forMs);
    target.mood = undefined;
  },
};
