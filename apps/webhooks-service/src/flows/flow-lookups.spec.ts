import { newId, type FlowId } from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import { createFlowLookups, LookupsFull } from './flow-lookups.js';

/** Flows that exist, and reads that end when the test says so. */
function lookups(freshForMs = 60_000) {
  const flows = new Set<FlowId>();
  const state = { reads: 0, hold: false, held: [] as (() => void)[] };
  const found = createFlowLookups<FlowId>({
    maxKept: 3,
    maxAbsent: 2,
    maxReading: 2,
    freshForMs,
    async read(flowId) {
      state.reads += 1;
      const exists = flows.has(flowId);
      if (state.hold) await new Promise<void>((resolve) => state.held.push(resolve));
      return exists ? flowId : null;
    },
  });
  return { flows, state, found };
}

const made = (): FlowId => newId<FlowId>();

describe('look-ups of flows', () => {
  it('keep what exists, however many ids are made up', async () => {
    const { flows, state, found } = lookups();
    const real = [made(), made(), made()];
    for (const id of real) flows.add(id);
    for (const id of real) await found.find(id);
    for (let guess = 0; guess < 20; guess += 1) expect(await found.find(made())).toBeNull();
    expect(real.map((id) => found.peek(id))).toEqual(real);
    expect(state.reads).toBe(23);
  });

  it('ask once for an id at which there is nothing, until it is forgotten', async () => {
    const { flows, state, found } = lookups();
    const id = made();
    expect(found.peek(id)).toBeUndefined();
    expect(await found.find(id)).toBeNull();
    expect(found.peek(id)).toBeNull();
    flows.add(id);
    found.forget(id);
    expect(found.peek(id)).toBeUndefined();
    expect(await found.find(id)).toBe(id);
    expect(state.reads).toBe(2);
  });

  it('keep nothing absent that was forgotten while it was looked up', async () => {
    const { flows, state, found } = lookups();
    const id = made();
    state.hold = true;
    const asked = found.find(id);
    flows.add(id);
    found.forget(id);
    state.hold = false;
    state.held.forEach((release) => release());
    expect(await asked).toBeNull();
    expect(found.peek(id)).toBeUndefined();
    expect(await found.find(id)).toBe(id);
  });

  it('are refused beyond so many at a time, but for what is kept past its time', async () => {
    const { flows, state, found } = lookups(1);
    const known = made();
    flows.add(known);
    await found.find(known);
    await new Promise((resolve) => setTimeout(resolve, 10));
    state.hold = true;
    const waiting = [found.find(made()), found.find(made())];
    await expect(found.find(made())).rejects.toBeInstanceOf(LookupsFull);
    expect(await found.find(known)).toBe(known);
    state.held.forEach((release) => release());
    expect(await Promise.all(waiting)).toEqual([null, null]);
    state.hold = false;
    expect(await found.find(made())).toBeNull();
  });

  it('do not serve a flow past its time that is gone', async () => {
    const { flows, found } = lookups(1);
    const id = made();
    flows.add(id);
    await found.find(id);
    flows.delete(id);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await found.find(id)).toBeNull();
  });
});
