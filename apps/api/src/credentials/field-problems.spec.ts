import type { JsonObject } from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { credentialFieldProblems } from './field-problems.js';

const secret = z.string().min(1).meta({ writeOnly: true });
const petstore = jsonSchemaOf(z.object({ apiKey: secret }));
const webhook = jsonSchemaOf(
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('none') }),
    z.object({ type: z.literal('basic'), username: z.string().min(1), password: secret }),
    z.object({ type: z.literal('apiKey'), headerName: z.string().regex(/^[\w-]+$/), value: secret }),
  ]),
);

describe('credentialFieldProblems', () => {
  it('takes fields that fit', () => {
    expect(credentialFieldProblems(petstore, { apiKey: 'k' })).toEqual([]);
    expect(credentialFieldProblems(webhook, { type: 'none' })).toEqual([]);
    expect(credentialFieldProblems(webhook, { type: 'basic', username: 'u', password: 'p' })).toEqual([]);
  });

  it('names a missing field, an unknown one and one of the wrong type', () => {
    expect(credentialFieldProblems(petstore, {})).toEqual([
      { pointer: '/apiKey', code: 'required', message: 'is missing' },
    ]);
    expect(credentialFieldProblems(strict(petstore), { apiKey: 'k', 'a/b': 1 })).toEqual([
      { pointer: '/a~1b', code: 'unknown_field', message: 'is not known' },
    ]);
    expect(credentialFieldProblems(petstore, { apiKey: 7 })).toMatchObject([{ pointer: '/apiKey', code: 'invalid' }]);
  });

  it('speaks only of the alternative that was meant', () => {
    expect(credentialFieldProblems(webhook, { type: 'basic', username: 'u' })).toEqual([
      { pointer: '/password', code: 'required', message: 'is missing' },
    ]);
  });

  it('lists the alternatives when none was meant', () => {
    expect(credentialFieldProblems(webhook, { type: 'ntlm' })).toEqual([
      { pointer: '/type', code: 'invalid', message: 'must be one of: none, basic, apiKey' },
    ]);
    expect(credentialFieldProblems(webhook, {})).toMatchObject([{ pointer: '', code: 'invalid' }]);
  });

  it('never repeats a value that was given', () => {
    const problems = credentialFieldProblems(webhook, {
      type: 'apiKey',
      headerName: 'not a header',
      value: ['s3cret'],
    });
    expect(problems.map((problem) => problem.pointer).sort()).toEqual(['/headerName', '/value']);
    expect(JSON.stringify(problems)).not.toMatch(/s3cret|not a header/);
  });

  it('throws on a schema that is none', () => {
    expect(() => credentialFieldProblems({ type: 'nothing' }, {})).toThrow('schema is invalid');
  });
});

function jsonSchemaOf(schema: z.ZodType): JsonObject {
  return z.toJSONSchema(schema, { io: 'input' }) as JsonObject;
}

function strict(schema: JsonObject): JsonObject {
  return { ...schema, additionalProperties: false };
}
