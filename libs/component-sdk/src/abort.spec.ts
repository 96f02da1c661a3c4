import { describe, expect, it } from 'vitest';
import { StepAbort } from './abort.js';

const reason = new Error('time is up');

describe('the abort of a step', () => {
  it('tells its listeners once, except those that are gone', () => {
    const abort = new StepAbort();
    const told: string[] = [];
    abort.onAbort(() => told.push('first'));
    abort.onAbort(() => told.push('second'))();
    abort.abort(reason);
    abort.abort(new Error('again'));
    expect(told).toEqual(['first']);
    expect(abort.reason).toBe(reason);
  });

  it('has a signal, whether it was asked for before or after', () => {
    const before = new StepAbort();
    const { signal } = before;
    before.abort(reason);
    expect(signal.aborted && signal.reason).toBe(reason);
    expect(before.signal).toBe(signal);
    const after = new StepAbort();
    after.abort(reason);
    expect(after.signal.reason).toBe(reason);
  });

  it('bounds work: it settles as the work does, or rejects when it aborts', async () => {
    const abort = new StepAbort();
    expect(await abort.bound(Promise.resolve(1))).toBe(1);
    await expect(abort.bound(Promise.reject(new Error('own')))).rejects.toThrow('own');
    const endless = abort.bound(new Promise(() => undefined));
    abort.abort(reason);
    await expect(endless).rejects.toBe(reason);
    await expect(abort.bound(Promise.resolve(1))).rejects.toBe(reason);
  });
});
