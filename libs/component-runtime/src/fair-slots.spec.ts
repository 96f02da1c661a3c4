import { describe, expect, it } from 'vitest';
import { FairSlots, type Entry } from './fair-slots.js';

/** Slots with a clock that the test moves, and what became of each step. */
function slotsFor(concurrency: number) {
  let nowMs = 0;
  const slots = new FairSlots({ concurrency, clock: () => nowMs });
  const entries = new Map<string, Entry>();
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  async function enter(step: string, { movable = true } = {}): Promise<string> {
    const [flow = ''] = step.split('.');
    void Promise.resolve(slots.enter(flow, { movable })).then((entry) => entries.set(step, entry));
    await settled();
    return fateOf(step);
  }
  function fateOf(step: string): string {
    const entry = entries.get(step);
    if (!entry) return 'waits';
    return entry.entry === 'aside' ? entry.pace : entry.entry;
  }
  async function leave(step: string): Promise<void> {
    const entry = entries.get(step);
    if (entry?.entry === 'run') entry.leave();
    await settled();
  }
  /** One step of the flow, from beginning to end. */
  async function passes(flow: string, tookMs: number): Promise<void> {
    await enter(`${flow}.once`);
    nowMs += tookMs;
    await leave(`${flow}.once`);
  }
  return {
    slots,
    enter,
    leave,
    fateOf,
    passes,
    wait: async (ms: number) => {
      nowMs += ms;
      slots.look();
      await settled();
    },
  };
}

async function enterAll(enter: (step: string) => Promise<string>, flow: string, count: number): Promise<string[]> {
  const fates: string[] = [];
  for (let index = 0; index < count; index += 1) fates.push(await enter(`${flow}.${index}`));
  return fates;
}

describe('FairSlots', () => {
  it('gives all slots to a flow that is quick', async () => {
    const { enter, passes } = slotsFor(8);
    await passes('a', 10);
    expect((await enterAll(enter, 'a', 9)).filter((fate) => fate === 'run')).toHaveLength(8);
  });

  it('keeps an eighth of them from a flow that is slow or not known yet, and others take them', async () => {
    const { enter } = slotsFor(16);
    expect((await enterAll(enter, 'unknown', 16)).filter((fate) => fate === 'run')).toHaveLength(14);
    expect(await enter('b.1')).toBe('run');
    expect(await enter('b.2')).toBe('waits');
    const other = slotsFor(16);
    await other.passes('slow', 5_000);
    expect((await enterAll(other.enter, 'slow', 15)).filter((fate) => fate === 'run')).toHaveLength(14);
    expect(await other.enter('quick.1')).toBe('run');
    expect(await enter('unknown.17')).toBe('waits');
  });

  it('puts aside what a slow flow has waiting, by its pace', async () => {
    const { enter, fateOf, wait } = slotsFor(4);
    await enterAll(enter, 'a', 5);
    expect(fateOf('a.4')).toBe('waits');
    await wait(150);
    expect(fateOf('a.4')).toBe('slow');
    await wait(900);
    expect(await enter('a.5')).toBe('slowest');
  });

  it('leaves what was put aside before where it is', async () => {
    const { enter, wait, fateOf } = slotsFor(1);
    await enter('a.0');
    await enter('a.1', { movable: false });
    await wait(5_000);
    expect(fateOf('a.1')).toBe('waits');
  });

  it('does not call a flow slow for one step that hangs among quick ones', async () => {
    const { enter, passes, wait } = slotsFor(4);
    await passes('a', 10);
    await enter('a.hanging');
    await wait(2_000);
    await enterAll(enter, 'a', 3);
    await wait(5);
    expect(await enter('a.4')).toBe('waits');
  });

  it('gives a free slot to the flow that has the fewest', async () => {
    const { enter, leave, fateOf, passes } = slotsFor(4);
    for (const flow of ['a', 'b']) await passes(flow, 10);
    await enterAll(enter, 'a', 6);
    await enter('b.0');
    await enter('b.1');
    await leave('a.0');
    expect([fateOf('b.0'), fateOf('b.1'), fateOf('a.4')]).toEqual(['run', 'waits', 'waits']);
    await leave('a.1');
    expect([fateOf('b.1'), fateOf('a.4')]).toEqual(['run', 'waits']);
    await leave('a.2');
    expect(fateOf('a.4')).toBe('run');
  });

  it('tells what waits, and what comes after, when it is closed', async () => {
    const { enter, fateOf, slots } = slotsFor(1);
    await enter('a.0');
    await enter('b.0');
    slots.close();
    expect(await enter('c.0')).toBe('closed');
    expect(fateOf('b.0')).toBe('closed');
    expect(slots.running).toBe(1);
  });

  it('lets as many run as it is told, and loses none', async () => {
    const { enter, leave, slots } = slotsFor(3);
    const steps = ['a.1', 'b.1', 'a.2', 'c.1', 'a.3', 'b.2'];
    for (const step of steps) await enter(step, { movable: false });
    let most = 0;
    for (const step of [...steps, ...steps]) {
      most = Math.max(most, slots.running);
      await leave(step);
    }
    expect([most, slots.running, slots.waiting]).toEqual([3, 0, 0]);
  });
});

describe('what waits for a slot', () => {
  it('waits for 20 s at most, of whichever flow and queue, and then goes to the end of its queue', async () => {
    const { enter, wait, fateOf, slots } = slotsFor(8);
    await enterAll(enter, 'slow', 7);
    await wait(2_000);
    for (const index of [7, 8, 9]) expect(await enter(`slow.${index}`, { movable: false })).toBe('waits');
    await wait(10_000);
    expect(await enter('slow.10', { movable: false })).toBe('waits');
    await wait(9_999);
    expect(fateOf('slow.7')).toBe('waits');
    await wait(1);
    expect([7, 8, 9, 10].map((index) => fateOf(`slow.${index}`))).toEqual(['later', 'later', 'later', 'waits']);
    await wait(10_000);
    expect(fateOf('slow.10')).toBe('later');
    expect(slots.waiting).toBe(0);
  });
});
