import { describe, expect, it } from 'vitest';
import { isPollRequest, millisOf, newId, parseId, pollRequest, pollRunId, readPoll, type FlowId } from './index.js';

describe('the id of a run that polls', () => {
  it('is a UUIDv7 of the planned time, the same whenever it is made', () => {
    const flowId = newId<FlowId>();
    const id = pollRunId(flowId, 1_800_000_000_123);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(parseId(id)).toBe(id);
    expect(millisOf(id)).toBe(1_800_000_000_123);
    expect(pollRunId(flowId, 1_800_000_000_123)).toBe(id);
  });

  it('is another one for another flow or another time', () => {
    const flowId = newId<FlowId>();
    const ids = [pollRunId(flowId, 1), pollRunId(flowId, 2), pollRunId(newId<FlowId>(), 1)];
    expect(new Set(ids).size).toBe(3);
  });
});

describe('the request of a run that polls', () => {
  it('is told from that of a call', () => {
    expect(isPollRequest(pollRequest)).toBe(true);
    expect(isPollRequest({ method: 'POST' })).toBe(false);
  });

  it('has the planned time and the snapshot in its body', () => {
    const poll = { scheduledAt: '2026-01-01T00:00:00.000Z', snapshot: { seen: [1] } };
    expect(readPoll(Buffer.from(JSON.stringify(poll)))).toEqual(poll);
  });
});
