import type { ComponentDescriptor, JsonObject, OperationDescriptor } from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import type { FlowDraft } from './draft.js';
import { configProblems } from './validate-fields.js';
import { withWholeInputs } from './whole-input.js';

const operation = (name: string, input: JsonObject, kind: 'action' | 'trigger' = 'action') =>
  ({ name, input, kind }) as OperationDescriptor;
const descriptor = {
  operations: [
    operation('any', { description: 'any value' }),
    operation('fields', { type: 'object', properties: {} }),
    operation('either', { anyOf: [{ type: 'string' }, { type: 'number' }] }),
    operation('begin', {}, 'trigger'),
  ],
} as ComponentDescriptor;
const catalogue = { component: (name: string) => (name === 'core' ? descriptor : undefined) };

function published(...steps: { operation: string; mapping?: unknown }[]): unknown[] {
  const draft = { steps: steps.map((step, at) => ({ id: `step_${at}`, component: 'core', ...step })), edges: [] };
  return withWholeInputs(draft as FlowDraft, catalogue).steps.map(({ mapping }) => mapping);
}

describe('a step without a mapping', () => {
  it('gets the output of the step before where its action takes any value', () => {
    expect(published({ operation: 'begin' }, { operation: 'any' })).toEqual([undefined, '$']);
  });

  it('stays without where its action takes fields, and keeps a mapping that it has', () => {
    const steps = [
      { operation: 'fields' },
      { operation: 'either' },
      { operation: 'any', mapping: {} },
      { operation: 'no' },
    ];
    expect(published(...steps)).toEqual([undefined, undefined, {}, undefined]);
  });
});

describe('an expression over the input alone', () => {
  const schema = { type: 'object', properties: { e: { type: 'string', format: 'data-expression' } } };
  const problems = (e: string) =>
    configProblems({ id: 'step_2', component: 'core', operation: 'any', config: { e } }, '/steps/1', {
      title: 'Transform',
      config: schema,
    } as unknown as OperationDescriptor);

  it.each(['a.b', '$', '{ "a": $uppercase(b) }', '$map(a, function($v) { $v.n })', '"x"', '$$.a'])('may be %s', (e) => {
    expect(problems(e)).toEqual([]);
  });

  it.each([
    ['$request.method', 'unknown_output', 'map what it needs into the input'],
    ['{ "r": $run.id }', 'unknown_output', 'map what it needs into the input'],
    ['$steps.step_1.id', 'unknown_output', 'cannot read $steps'],
    ['$resumeUrl("step_3")', 'unknown_wait', 'cannot use $resumeUrl'],
    ['a..b', 'invalid_expression', 'At character '],
  ])('is told with its place when it is %s', (e, code, words) => {
    expect(problems(e)).toEqual([
      { pointer: '/steps/1/config/e', code, message: expect.stringContaining(words) as string },
    ]);
  });
});
