import { newId, type FlowId, type RunId, type WorkspaceId } from '@millrace/contracts';
import { createLogger } from '@millrace/observability';
import type { AcceptedCount } from '@millrace/persistence';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAcceptedCalls, type AcceptedCalls } from './accepted-calls.js';

const logger = createLogger({ service: 'spec', level: 'silent' });
const hourMs = 3_600_000;
const noon = Date.parse('2026-01-31T12:00:00Z');
const flow = { flowId: newId<FlowId>(), workspaceId: newId<WorkspaceId>() };

function idAt(timeMs: number): RunId {
  const hex = timeMs.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}${newId().slice(13)}` as RunId;
}

describe('the counts of accepted calls', () => {
  let written: AcceptedCount[][];
  let failing: Error | undefined;
  let calls: AcceptedCalls;

  beforeEach(() => {
    vi.useFakeTimers({ now: noon });
    written = [];
    failing = undefined;
    calls = createAcceptedCalls({
      logger,
      roundMs: 1_000,
      batchSize: 2,
      write: async (counts) => {
        if (failing) throw failing;
        written.push([...counts]);
      },
    });
  });
  afterEach(async () => {
    await calls.close();
    vi.useRealTimers();
  });

  it('are written a round after they were made, whole, and only when they grew', async () => {
    calls.count(flow, idAt(noon));
    calls.count(flow, idAt(noon + 10));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(written).toEqual([]);
    calls.count(flow, idAt(noon + 1_000));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(written).toEqual([[{ ...flow, hourMs: noon, calls: 2 }]]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(written.slice(1)).toEqual([[{ ...flow, hourMs: noon, calls: 3 }]]);
  });

  it('go by the hour in which the call came, whenever it was accepted', async () => {
    calls.count(flow, idAt(noon - 1));
    calls.count(flow, idAt(noon));
    calls.count(flow, idAt(noon - 60_000));
    await calls.close();
    expect(written.flat().map((count) => [count.hourMs, count.calls])).toEqual([
      [noon, 1],
      [noon - hourMs, 2],
    ]);
  });

  it('are kept while Postgres is away, and go on after it', async () => {
    calls.count(flow, idAt(noon));
    failing = Object.assign(new Error('gone'), { code: 'ECONNREFUSED' });
    await vi.advanceTimersByTimeAsync(5_000);
    calls.count(flow, idAt(noon));
    failing = undefined;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(written.flat().at(-1)).toEqual({ ...flow, hourMs: noon, calls: 2 });
  });

  it('are written in portions, and at the end at once', async () => {
    for (let n = 0; n < 5; n += 1) calls.count({ ...flow, flowId: newId<FlowId>() }, idAt(noon));
    await calls.close();
    expect(written.map((portion) => portion.length)).toEqual([2, 2, 1]);
  });

  it('of past hours are forgotten once they are written', async () => {
    calls.count(flow, idAt(noon));
    await vi.advanceTimersByTimeAsync(4 * hourMs);
    expect(written.flat()).toHaveLength(1);
    calls.count(flow, idAt(noon + 4 * hourMs));
    await calls.close();
    expect(written.flat().at(-1)).toMatchObject({ hourMs: noon + 4 * hourMs, calls: 1 });
  });
});
