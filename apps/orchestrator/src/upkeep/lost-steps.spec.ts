import { beforeEach, describe, expect, it } from 'vitest';
import { rememberLostSteps, type LookedAt, type LostSteps } from './lost-steps.js';

const hourMs = 3_600_000;
let nowMs: number;
let lost: LostSteps;
beforeEach(() => {
  nowMs = 0;
  lost = rememberLostSteps(() => nowMs);
});

const look = (afterMs: number, over: Partial<LookedAt> = {}) => {
  nowMs += afterMs;
  const step = { messageId: 'a', queue: 'steps.pets', waiting: 0, consumers: 1, ageMs: nowMs, wholeTimeMs: 120_000 };
  return lost.judge({ ...step, ...over });
};

describe('an overdue step', () => {
  it('is lost when its whole time has passed since its queue was found empty, and not before', () => {
    expect(look(120_000)).toBe('lookAgain');
    expect(look(60_000)).toBe('lookAgain');
    expect(look(60_000)).toBe('lost');
    expect(look(120_000)).toBe('lookAgain');
  });

  it('is not lost when its component takes it after a long time away, and works on it', () => {
    expect(look(120_000, { waiting: 1, consumers: 0 })).toBe('waits');
    expect(look(hourMs, { waiting: 1, consumers: 0 })).toBe('waits');
    // It was taken a second ago.
    expect(look(hourMs)).toBe('lookAgain');
    expect(look(1_000, { messageId: 'b' })).toBe('lookAgain');
  });

  it('waits as long as its component is away, for weeks, and is not lost just because that is back', () => {
    for (let day = 0; day < 20; day += 1) {
      expect(look(24 * hourMs, { waiting: 9, consumers: 0 })).toBe('waits');
    }
    expect(look(1_000, { waiting: 9 })).toBe('waits');
    expect(look(23 * hourMs, { waiting: 9 })).toBe('waits');
    expect(look(hourMs, { waiting: 9 })).toBe('lost');
  });

  it('is looked at anew when the last look is so old that another orchestrator may have sent it since', () => {
    expect(look(120_000)).toBe('lookAgain');
    expect(look(hourMs)).toBe('lookAgain');
    expect(look(120_000)).toBe('lost');
  });
});
