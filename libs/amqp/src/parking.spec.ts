import { describe, expect, it } from 'vitest';

import { PARK_HEADERS, parkedReason } from './parking.js';

describe('parkedReason', () => {
  it('reads what a consumer wrote', () => {
    const headers = {
      [PARK_HEADERS.reason]: 'not JSON',
      [PARK_HEADERS.queue]: 'results',
      [PARK_HEADERS.at]: '2026-01-02T03:04:05.000Z',
    };
    expect(parkedReason(headers)).toEqual({ reason: 'not JSON', queue: 'results', at: '2026-01-02T03:04:05.000Z' });
  });

  it('reads what the broker wrote when it dead-lettered the message', () => {
    const headers = { 'x-first-death-reason': 'delivery_limit', 'x-first-death-queue': 'triggers', 'x-death': [] };
    expect(parkedReason(headers)).toEqual({ reason: 'delivery_limit', queue: 'triggers', at: undefined });
  });

  it('is undefined when the headers tell nothing', () => {
    expect(parkedReason({ flowId: 'f1' })).toBeUndefined();
  });
});
