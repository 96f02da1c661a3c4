import { describe, expect, it } from 'vitest';

import { Intake } from './intake.js';

const intakeOf = (prefetch: number): Intake => new Intake({ prefetch, maxBytes: 100 });

describe('Intake', () => {
  it('takes messages up to its bytes and then stops until half of them are free', () => {
    const intake = intakeOf(50);
    expect([20, 20, 20, 20, 20].map((bytes) => intake.take(bytes))).toEqual([true, true, true, true, true]);
    expect(intake.prefetch).toBe(50);
    expect(intake.take(1)).toBe(false);
    expect(intake.prefetch).toBe(0);
    intake.release(20);
    intake.release(20);
    expect(intake.prefetch).toBe(0);
    intake.release(20);
    expect(intake.prefetch).toBe(2);
    expect(intake.heldBytes).toBe(40);
  });

  it('takes one message however large it is', () => {
    const intake = intakeOf(10);
    expect(intake.take(1_000)).toBe(true);
    expect(intake.take(0)).toBe(false);
    intake.release(1_000);
    expect(intake.prefetch).toBe(1);
    expect(intake.take(1_000)).toBe(true);
  });

  it('grows back to its full number while messages are small', () => {
    const intake = intakeOf(16);
    for (let taken = 0; taken < 4; taken += 1) intake.take(25);
    intake.take(25);
    for (let taken = 0; taken < 4; taken += 1) intake.release(25);
    expect(intake.prefetch).toBe(2);
    for (let message = 0; message < 200; message += 1) {
      intake.take(1);
      intake.release(1);
    }
    expect(intake.prefetch).toBe(16);
  });

  it('does not grow while what it holds is more than a quarter of its bytes', () => {
    const intake = intakeOf(16);
    for (let taken = 0; taken < 5; taken += 1) intake.take(25);
    for (let taken = 0; taken < 4; taken += 1) intake.release(25);
    for (let message = 0; message < 200; message += 1) {
      intake.take(30);
      intake.release(30);
    }
    expect(intake.prefetch).toBe(2);
  });
});
