import type { JsonObject } from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { jsonSchemaOf } from './descriptor.js';
import { secret, secretsOf } from './secret.js';

function secretsIn(schema: z.ZodType, fields: JsonObject): string[] {
  return secretsOf(jsonSchemaOf(schema), fields);
}

describe('secretsOf', () => {
  it('finds secrets that were described, bounded or made optional', () => {
    const schema = z.object({ a: secret().describe('x'), b: secret().min(5).optional(), user: z.string() });
    expect(secretsIn(schema, { a: 'one', b: 'two', user: 'anna' })).toEqual(['one', 'two']);
    expect(secretsIn(schema, { a: 'one', user: 'anna' })).toEqual(['one']);
  });

  it('finds them in unions, arrays, records and nested objects, each once', () => {
    const schema = z.object({
      auth: z.discriminatedUnion('type', [
        z.object({ type: z.literal('none') }),
        z.object({ type: z.literal('basic'), password: secret() }),
      ]),
      keys: z.array(z.object({ key: secret() })),
      byName: z.record(z.string(), secret()),
    });
    const fields = { auth: { type: 'basic', password: 'p' }, keys: [{ key: 'k' }, { key: 'p' }], byName: { x: 'r' } };
    expect(secretsIn(schema, fields)).toEqual(['p', 'k', 'r']);
  });

  it('finds them behind references and takes all that is below a secret', () => {
    interface Node {
      key: string;
      next?: Node | undefined;
    }
    const node: z.ZodType<Node> = z.lazy(() => z.object({ key: secret(), next: node.optional() }));
    expect(secretsIn(z.object({ node }), { node: { key: 'a', next: { key: 'b' } } })).toEqual(['a', 'b']);
    const whole = z.object({ all: z.record(z.string(), z.unknown()).meta({ writeOnly: true }) });
    expect(secretsIn(whole, { all: { a: ['x', 7, null], b: { c: 'y' } } })).toEqual(['x', '7', 'y']);
  });
});
