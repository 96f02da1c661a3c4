import { StepAbort } from '@millrace/component-sdk';
import { describe, expect, it } from 'vitest';
import { collectOutputs } from './outputs.js';

const never = new StepAbort();

async function* yielding(...values: unknown[]): AsyncGenerator {
  for (const value of values) yield value;
}

describe('the outputs of an operation', () => {
  it.each([
    ['a value', { id: 1 }, [{ id: 1 }]],
    ['a promise of a value', Promise.resolve('x'), ['x']],
    ['null', null, [null]],
    ['an array, which is one value', [1, 2], [[1, 2]]],
    ['nothing', undefined, []],
    ['a promise of nothing', Promise.resolve(), []],
    ['a generator', yielding(1, 'two', undefined, null), [1, 'two', null]],
    ['a generator that yields nothing', yielding(), []],
  ])('are collected from %s', async (_what, emitted, outputs) => {
    expect(await collectOutputs(emitted, never)).toEqual(outputs);
  });

  it('are as they were when they were yielded', async () => {
    async function* changing(): AsyncGenerator {
      const page = { number: 1 };
      yield page;
      page.number = 2;
      yield page;
    }
    expect(await collectOutputs(changing(), never)).toEqual([{ number: 1 }, { number: 2 }]);
  });

  it('are read once, and are what they were then', async () => {
    let looks = 0;
    const returned = { page: { number: 1 }, toJSON: undefined, once: { toJSON: () => (looks += 1) } };
    const outputs = await collectOutputs(returned, never);
    returned.page.number = 2;
    expect(JSON.stringify(outputs)).toBe('[{"page":{"number":1},"once":1}]');
    expect(looks).toBe(1);
  });

  it('are refused when they are not JSON, with the place', async () => {
    await expect(collectOutputs({ a: { b: () => 1 } }, never)).rejects.toMatchObject({
      code: 'output_not_json',
      message: 'Output 1 is not JSON: /a/b is a function',
    });
    await expect(collectOutputs(yielding(1, 2n), never)).rejects.toThrow('Output 2 is not JSON: it is a bigint');
  });

  it('are refused when they are too large together, with the size', async () => {
    const half = 'x'.repeat(8 * 1024 * 1024);
    await expect(collectOutputs(yielding(half, half), never)).rejects.toMatchObject({
      code: 'output_too_large',
      message: 'The output is too large: at least 16777220 bytes, and 12582912 are allowed for one step',
    });
  });

  it('are refused when they do not end', async () => {
    async function* endless(): AsyncGenerator {
      for (;;) yield 1;
    }
    await expect(collectOutputs(endless(), never)).rejects.toMatchObject({ code: 'too_many_outputs' });
  });

  it('are not collected any more once the step is aborted', async () => {
    const abort = new StepAbort();
    let ended = false;
    async function* aborting(): AsyncGenerator {
      try {
        yield 1;
        abort.abort(new Error('time is up'));
        yield 2;
        yield 3;
      } finally {
        ended = true;
      }
    }
    await expect(collectOutputs(aborting(), abort)).rejects.toThrow('time is up');
    expect(ended).toBe(true);
  });

  it('end with what the operation throws', async () => {
    async function* failing(): AsyncGenerator {
      yield 1;
      throw new Error('half way');
    }
    await expect(collectOutputs(failing(), never)).rejects.toThrow('half way');
  });
});
