import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { speakPlainly } from './plain-words.js';

const before = { ...z.config() };
beforeAll(() => speakPlainly());
afterAll(() => void z.config(before));

const shape = z.strictObject({
  name: z.string().min(1).max(3).optional(),
  text: z.string().min(2).max(1).optional(),
  code: z.string().regex(/^a$/).optional(),
  status: z.enum(['available', 'sold']).optional(),
  constant: z.literal('x').optional(),
  count: z.int().min(1).max(9).optional(),
  share: z.number().gt(0).lt(1).multipleOf(0.25).optional(),
  when: z.iso.datetime().optional(),
  mail: z.email().optional(),
  id: z.uuid().optional(),
  list: z.array(z.boolean()).min(1).max(1).optional(),
  either: z.union([z.string(), z.number()]).optional(),
  fork: z
    .discriminatedUnion('type', [z.object({ type: z.literal('a') }), z.object({ type: z.literal('b') })])
    .optional(),
  map: z.record(z.string(), z.number()).optional(),
  own: z.string('must be a colour').optional(),
  odd: z
    .string()
    .refine(() => false)
    .optional(),
});

describe('what a schema says of', () => {
  it.each<[unknown, string, string]>([
    [[], '', 'must be an object'],
    [undefined, '', 'is missing'],
    [{ extra: 1 }, '', 'has a field that is not known: extra'],
    [{ extra: 1, more: 2 }, '', 'has fields that are not known: extra, more'],
    [{ name: 1 }, 'name', 'must be text'],
    [{ name: '' }, 'name', 'must not be empty'],
    [{ name: 'long' }, 'name', 'must have at most 3 characters'],
    [{ text: 'a' }, 'text', 'must have at least 2 characters'],
    [{ text: 'abc' }, 'text', 'must have at most 1 character'],
    [{ code: 'b' }, 'code', 'has characters, or an order of them, that are not allowed'],
    [{ status: 'eaten' }, 'status', 'must be one of: available, sold'],
    [{ constant: 'y' }, 'constant', 'must be x'],
    [{ count: 1.5 }, 'count', 'must be a whole number'],
    [{ count: 0 }, 'count', 'must be at least 1'],
    [{ count: 10 }, 'count', 'must be at most 9'],
    [{ share: 0 }, 'share', 'must be above 0'],
    [{ share: 0.3 }, 'share', 'must be a multiple of 0.25'],
    [{ when: 'soon' }, 'when', 'must be an ISO 8601 time, such as 2026-01-31T12:00:00Z'],
    [{ mail: 'ada' }, 'mail', 'must be an e-mail address'],
    [{ id: 'x' }, 'id', 'must be an id'],
    [{ list: [] }, 'list', 'must not be empty'],
    [{ list: [true, true] }, 'list', 'must have at most 1 item'],
    [{ list: ['yes'] }, 'list.0', 'must be true or false'],
    [{ either: true }, 'either', 'fits none of the forms that are allowed'],
    [{ fork: {} }, 'fork.type', 'is missing'],
    [{ fork: { type: 'c' } }, 'fork.type', 'must be one of: a, b'],
    [{ map: { a: 'b' } }, 'map.a', 'must be a number'],
    [{ own: 1 }, 'own', 'must be a colour'],
    [{ odd: 'x' }, 'odd', 'is not valid'],
  ])('%j is plain', (value, path, message) => {
    const [issue] = shape.safeParse(value).error?.issues ?? [];
    expect([issue?.path.join('.'), issue?.message]).toEqual([path, message]);
  });

  it('a field that has to be there and is not, is that it is missing', () => {
    const required = z.object({
      name: z.string(),
      status: z.enum(['a', 'b']),
      either: z.union([z.string(), z.null()]),
    });
    const { issues } = required.safeParse({}).error!;
    expect(issues.map(({ message }) => message)).toEqual(['is missing', 'is missing', 'is missing']);
  });

  it('a word where a number is due is that it must be one', () => {
    const { issues } = z.object({ limit: z.coerce.number() }).safeParse({ limit: 'many' }).error!;
    expect(issues[0]?.message).toBe('must be a number');
  });
});
