import { createMask } from '@millrace/credentials';
import { describe, expect, it } from 'vitest';
import { answerWithin } from './answer-within.js';

const call = { timeoutMs: 20, mask: createMask(['hunter2-is-long']), inVain: 'Pets could not list the values' };

describe('an answer to a question', () => {
  it('is aborted and told as such when its time is over, even when the work goes on', async () => {
    let aborted = false;
    const reply = await answerWithin(call, ({ abort }) => {
      abort.onAbort(() => (aborted = true));
      return new Promise(() => undefined);
    });
    expect(reply).toMatchObject({ error: { code: 'timeout', message: 'Pets could not list the values within 20 ms' } });
    expect(aborted).toBe(true);
  });

  it('is what goes wrong, whether it is thrown at once or later, without secrets', async () => {
    const fail = (): never => {
      throw new Error('hunter2-is-long is wrong');
    };
    for (const work of [fail, async () => fail()]) {
      expect(await answerWithin(call, work)).toMatchObject({
        ok: false,
        error: { code: 'operation_failed', message: '*** is wrong' },
      });
    }
  });
});
