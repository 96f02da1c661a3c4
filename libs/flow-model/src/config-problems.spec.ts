import type { JsonObject, OperationDescriptor } from '@millrace/contracts';
import { receiveSettingsSchema } from '@millrace/webhook-settings';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { configProblems } from './validate-fields.js';

const receive = z.toJSONSchema(receiveSettingsSchema, { io: 'input' }) as JsonObject;

function problemsOf(config: JsonObject, schema: JsonObject = receive, operation = 'receive') {
  const descriptor = { title: 'Receive', config: schema } as OperationDescriptor;
  return configProblems({ id: 'step_1', component: 'webhook', operation, config }, '/steps/0', descriptor);
}

describe('the settings of a webhook', () => {
  it('have no problem when they fit', () => {
    expect(problemsOf({})).toEqual([]);
    expect(
      problemsOf({
        methods: ['POST'],
        cors: { origins: ['*', 'https://Shop.example'] },
        answer: { status: 202, headers: { 'x-pet': 'Gromit' } },
        deduplicate: { key: '$request.headers.`x-request-id`' },
      }),
    ).toEqual([]);
    expect(problemsOf({ deduplicate: { key: '$lowercase(order.id) & $request.query.shop' } })).toEqual([]);
  });

  it.each<[JsonObject, string, string, string]>([
    [{ color: 1 }, '/color', 'unknown_field', '“Receive” has no field “color”.'],
    [{ deduplicate: {} }, '/deduplicate/key', 'field_missing', '“Receive” needs the field “key”.'],
    [
      { deduplicate: { key: 'id', 'a/b': 1 } },
      '/deduplicate/a~1b',
      'unknown_field',
      '“Receive” has no field “a/b” in “deduplicate”.',
    ],
    [{ deduplicate: { key: 'a..b' } }, '/deduplicate/key', 'invalid_expression', 'At character '],
    [{ deduplicate: { key: '$lowercas(id)' } }, '/deduplicate/key', 'invalid_expression', 'At character 1: '],
    [{ deduplicate: { key: '$keys($steps)' } }, '/deduplicate/key', 'unknown_output', 'cannot read $steps'],
    [{ deduplicate: { key: '$steps.step_1.id' } }, '/deduplicate/key', 'unknown_output', 'cannot read $steps'],
    [
      { deduplicate: { key: 'id', windowSeconds: 0 } },
      '/deduplicate/windowSeconds',
      'invalid_value',
      '“Receive”: “windowSeconds” must be at least 1.',
    ],
    [{ keepRawBody: 'yes' }, '/keepRawBody', 'invalid_value', '“keepRawBody” must be true or false.'],
    [{ replyTimeoutSeconds: 121 }, '/replyTimeoutSeconds', 'invalid_value', 'must be at most 120.'],
    [{ methods: [] }, '/methods', 'invalid_value', '“methods” must have an entry.'],
    [
      { methods: ['POST', 'TRACE'] },
      '/methods/1',
      'invalid_value',
      'entry 2 of “methods” must be one of “GET”, “HEAD”',
    ],
    [
      { cors: { origins: ['shop.example'] } },
      '/cors/origins/0',
      'invalid_value',
      'entry 1 of “origins” must be “*” or must fit the pattern ^https?:',
    ],
    [{ maxConcurrentRequests: 1.5 }, '/maxConcurrentRequests', 'invalid_value', 'must be a whole number.'],
    [
      { answer: { headers: { 'set-cookie': 'a' } } },
      '/answer/headers/set-cookie',
      'invalid_value',
      'a flow cannot set the header set-cookie.',
    ],
  ])('%j are refused at their place', (config, pointer, code, message) => {
    expect(problemsOf(config)).toEqual([
      { pointer: `/steps/0/config${pointer}`, code, message: expect.stringContaining(message) as string },
    ]);
  });

  it('are told all their problems at once, and no value of theirs', () => {
    const problems = problemsOf({ keepRawBody: 'secret', methods: 'secret', answer: { status: 'secret' } });
    expect(problems.map(({ pointer }) => pointer)).toEqual([
      '/steps/0/config/methods',
      '/steps/0/config/keepRawBody',
      '/steps/0/config/answer/status',
    ]);
    expect(JSON.stringify(problems)).not.toContain('secret');
  });
});

describe('a configuration', () => {
  it('lacks nothing for which there is a default', () => {
    const schema = { type: 'object', properties: { a: { default: 1 }, b: { title: 'Bee' } }, required: ['a', 'b'] };
    expect(problemsOf({}, schema, 'other')).toEqual([
      { pointer: '/steps/0/config/b', code: 'field_missing', message: '“Receive” needs the field “Bee”.' },
    ]);
  });

  it.each([
    ['that is no schema', { type: 'nonsense' }],
    ['that leads nowhere', { $ref: '#/$defs/nothing' }],
    ['with a pattern that is none', { properties: { a: { pattern: '(' } } }],
  ])('with a schema %s is left to its component', (_, schema) => {
    expect(problemsOf({ a: 'x' }, schema, 'other')).toEqual([]);
  });

  it('may come with a pattern that is one only without the flag u', () => {
    const schema = { properties: { a: { pattern: String.raw`^[\w-\.]+$` } } };
    expect(problemsOf({ a: 'a.b' }, schema, 'other')).toEqual([]);
    expect(problemsOf({ a: '!' }, schema, 'other')).toMatchObject([{ code: 'invalid_value' }]);
  });

  it('is judged by its own schema although two have the same id', () => {
    const schema = (type: string) => ({ $id: 'https://millrace.example/s', properties: { a: { type } } });
    expect(problemsOf({ a: 1 }, schema('number'), 'other')).toEqual([]);
    expect(problemsOf({ a: 1 }, schema('string'), 'other')).toMatchObject([{ pointer: '/steps/0/config/a' }]);
  });

  it('refuses names of fields that are not allowed, once each', () => {
    const schema = { propertyNames: { pattern: '^x-' } };
    expect(problemsOf({ 'x-a': 1, b: 2 }, schema, 'other')).toEqual([
      {
        pointer: '/steps/0/config/b',
        code: 'unknown_field',
        message: '“Receive” cannot have a field of the name “b”.',
      },
    ]);
  });
});
