import { describe, expect, it } from 'vitest';
import { RetryAfterError, TerminalError } from './errors.js';

describe('an error that asks to come back later', () => {
  it('is retried after the time that it names', () => {
    expect(new RetryAfterError(1500.4).retry).toEqual({ kind: 'after', afterMs: 1500 });
    expect(new RetryAfterError(0).retry).toEqual({ kind: 'after', afterMs: 0 });
    expect(new RetryAfterError(1500).message).toBe('The target asks to try again in 2 s');
    expect(new RetryAfterError(1e300).retry).toEqual({ kind: 'after', afterMs: Number.MAX_SAFE_INTEGER });
  });

  it.each([Number.NaN, Infinity, -Infinity, -1, undefined, null, '5'])(
    'is left to the policy when %s is no time',
    (time) => {
      const error = new RetryAfterError(time as number);
      expect(error.retry).toEqual({ kind: 'policy' });
      expect(error.message).toBe('The target asks to try again later');
    },
  );
});

describe('an error of an operation', () => {
  it.each([undefined, null, '', ' ', 5])('has words where it was given %s for some', (message) => {
    expect(new TerminalError(message as string).message).toBe('The operation failed without saying why');
    expect(new TerminalError(message as string, { cause: new Error('the pet is ill') }).message).toBe('the pet is ill');
  });

  it('has the usual code where it was given none that is a text', () => {
    expect(new TerminalError('no', { code: 5 as unknown as string }).code).toBe('refused');
    expect(new TerminalError('no', { code: 'own' }).code).toBe('own');
  });
});
