import { describe, expect, it } from 'vitest';
import { randomOf } from '../random.js';
import { kill, otherFaults } from './all.js';
import { makePlan } from './plan.js';

const processes = ['api', 'orchestrator-1', 'orchestrator-2', 'component-webhook-1'].map((name) => ({
  name,
  usesDatabase: !name.startsWith('component'),
}));

describe('a plan', () => {
  it('is the same for the same seed, and another one for another seed', () => {
    const plan = (seed: number) => makePlan(randomOf(seed), { kills: 40, processes });
    expect(plan(7)).toEqual(plan(7));
    expect(plan(7)).not.toEqual(plan(8));
  });

  it.each([1, 24, 1_000])('of %i kills has as many, and every other fault at least once', (kills) => {
    const plan = makePlan(randomOf(3), { kills, processes });
    expect(plan.filter(({ fault }) => fault === kill)).toHaveLength(kills);
    for (const fault of otherFaults) expect(plan.some((one) => one.fault === fault)).toBe(true);
  });

  it('kills every process, and now and then two of them within a second', () => {
    const kills = makePlan(randomOf(1), { kills: 100, processes }).filter(({ fault }) => fault === kill);
    expect(new Set(kills.map(({ choice }) => choice.on)).size).toBe(processes.length);
    const pairs = kills.slice(1).map((one, at) => [kills[at]!, one] as const);
    const close = pairs.filter(([one, other]) => other.atMs - one.atMs < 1_000);
    expect(close.length).toBeGreaterThan(5);
    expect(close.some(([one, other]) => one.choice.on !== other.choice.on)).toBe(true);
  });

  it('goes by the time, and ends within what its kills take', () => {
    const plan = makePlan(randomOf(5), { kills: 1_000, processes });
    const times = plan.map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    expect(times.at(-1)).toBeLessThan(1_000 * 1_800);
  });
});
