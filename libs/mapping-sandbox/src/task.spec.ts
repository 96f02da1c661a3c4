import { describe, expect, it } from 'vitest';
import type { Json } from '@millrace/contracts';
import { compileMapping } from '@millrace/mapping';
import { prepare, requestLine } from './task.js';

function request(mapping: Json, alone = false): unknown {
  const { compiled } = compileMapping(mapping);
  const context = {
    output: { name: 'Ada' },
    steps: { step_1: { id: 1 }, step_2: { id: 2 } },
    request: { method: 'POST' },
    run: { id: 'r' },
    resumeUrls: { step_3: 'https://x/resume/a' },
    seed: 's',
    now: 7,
  };
  const ignore = (): void => undefined;
  const line = requestLine({
    mapping: compiled,
    prepared: prepare(compiled),
    context,
    alone,
    resolve: ignore,
    reject: ignore,
  });
  expect(line.endsWith('}\n')).toBe(true);
  return JSON.parse(line);
}

describe('the request to a sandbox process', () => {
  it('carries the full expressions and nothing of the context that they do not read', () => {
    expect(request({ a: 'name', 'b/c': ['1 + 1'] })).toEqual({
      leaves: [{ pointer: '/b~1c/0', source: '1 + 1' }],
      seed: 's',
      now: 7,
    });
  });

  it.each([
    ['name & ""', { output: { name: 'Ada' } }],
    ['$steps.step_2.id + 1', { steps: { step_2: { id: 2 } } }],
    ['$steps.step_9.id + 1', { steps: {} }],
    ['$steps.*', { steps: { step_1: { id: 1 }, step_2: { id: 2 } } }],
    ['$resumeUrl("step_3")', { resumeUrls: { step_3: 'https://x/resume/a' } }],
    ['$request.method & $run.id', { request: { method: 'POST' }, run: { id: 'r' } }],
  ])('carries what %s reads', (expression, part) => {
    expect(request(expression)).toEqual({ leaves: [{ pointer: '', source: expression }], seed: 's', now: 7, ...part });
  });

  it('asks to be told of every expression where the process may end', () => {
    expect(request('1 + 1', true)).toMatchObject({ traced: true });
  });
});
