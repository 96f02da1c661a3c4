import { PeerUnavailableError, RetryAfterError, TerminalError } from '@millrace/component-sdk';
import { describe, expect, it } from 'vitest';
import { createMask } from '@millrace/credentials';
import { failureOf } from './step-failure.js';

const mask = createMask(['hunter2']);

function messageOf(thrown: unknown): string {
  return failureOf(thrown, mask).error.message;
}

describe('failureOf', () => {
  it('keeps code, detail and advice of an OperationError', () => {
    expect(failureOf(new TerminalError('no', { code: 'pet_refused', detail: { status: 409 } }), mask)).toEqual({
      error: { code: 'pet_refused', message: 'no', detail: { status: 409 } },
      retry: { kind: 'never' },
    });
    expect(failureOf(new RetryAfterError(1_500), mask)).toMatchObject({
      error: { code: 'retry_later' },
      retry: { kind: 'after', afterMs: 1_500 },
    });
    expect(failureOf(new PeerUnavailableError('down'), mask)).toMatchObject({ retry: { kind: 'policy' } });
  });

  it('leaves any other error to the retry policy', () => {
    expect(failureOf(new TypeError('x is not a function'), mask)).toEqual({
      error: { code: 'operation_failed', message: 'x is not a function', detail: null },
      retry: { kind: 'policy' },
    });
  });

  it('adds the cause where the error does not tell it', () => {
    const refused = new Error('connect ECONNREFUSED 127.0.0.1:1');
    expect(messageOf(new TypeError('fetch failed', { cause: refused }))).toBe(
      'fetch failed: connect ECONNREFUSED 127.0.0.1:1',
    );
    expect(messageOf(new Error(`call: ${refused.message}`, { cause: refused }))).toBe(`call: ${refused.message}`);
    expect(messageOf(new AggregateError([refused]))).toBe('AggregateError: connect ECONNREFUSED 127.0.0.1:1');
  });

  it.each([
    ['a bare text', 'a bare text'],
    ['', 'The operation failed without saying why (it threw an empty text)'],
    [undefined, 'The operation failed without saying why (it threw undefined)'],
    [null, 'The operation failed without saying why (it threw null)'],
    [42, 'The operation failed without saying why (it threw 42)'],
    [{ message: 'like an error' }, 'like an error'],
    [{ code: 7 }, 'The operation threw an object: {"code":7}'],
  ])('makes words of %o', (thrown, message) => {
    expect(messageOf(thrown)).toBe(message);
  });

  it('masks secrets in message and detail, and bounds both', () => {
    const failure = failureOf(new TerminalError('key hunter2 refused', { detail: { sent: ['hunter2'] } }), mask);
    expect(JSON.stringify(failure)).not.toContain('hunter2');
    expect(messageOf(new Error('x'.repeat(100_000)))).toHaveLength(2_001);
    expect(failureOf(new TerminalError('x', { detail: 'x'.repeat(100_000) }), mask).error.detail).toBeNull();
    expect(messageOf(new Error('a\u0000b'))).toBe('ab');
  });

  it('survives an object that fails when it is looked at', () => {
    const hostile = new Proxy(new Error('x'), {
      get() {
        throw new Error('no');
      },
    });
    expect(messageOf(hostile)).toBe('The operation failed without saying why');
  });
});
