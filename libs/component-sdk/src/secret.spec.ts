import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { jsonSchemaOf } from './json-schema.js';
import { secret } from './secret.js';

describe('a secret', () => {
  it('is write-only in the schema, also when it is described, bounded or optional', () => {
    const schema = z.object({ a: secret().describe('x'), b: secret().min(5).optional(), user: z.string() });
    const { properties } = jsonSchemaOf(schema) as { properties: Record<string, unknown> };
    expect(properties['a']).toMatchObject({ writeOnly: true, description: 'x' });
    expect(properties['b']).toMatchObject({ writeOnly: true, minLength: 5 });
    expect(properties['user']).not.toHaveProperty('writeOnly');
  });
});
