import { useTestDatabase } from '@millrace/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arrayParameter, columnsOf, ParameterError } from './array-parameter.js';
import { openDatabase, type Database } from './database.js';

const testDatabase = useTestDatabase();
let database: Database;

beforeAll(async () => {
  database = await openDatabase({ url: testDatabase.url, applicationName: 'spec', poolSize: 1 });
});
afterAll(() => database.close());

/** What Postgres reads of an array, as it writes it itself. */
async function read(type: Parameters<typeof arrayParameter>[0], values: unknown[]): Promise<unknown[]> {
  const rows = await database.hot<{ value: unknown }>({
    name: `read-${type}`,
    text: `select value from unnest($1::${type}[]) with ordinality as t (value, place) order by place`,
    values: [arrayParameter(type, values as never[])],
  });
  return rows.map(({ value }) => value);
}

/** Postgres' text holds no NUL, and no half of a surrogate pair. */
const text = fc.string({ unit: 'binary' }).map((value) => Buffer.from(value.replaceAll('\0', '')).toString());

const cases = {
  bool: fc.boolean(),
  bytea: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  float8: fc.double({ noNaN: true }),
  int4: fc.integer(),
  text,
  uuid: fc.uuid(),
};

describe('an array as a parameter', () => {
  it.each(Object.entries(cases))('of %s is read by Postgres as it was given, nulls too', async (type, element) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(element as fc.Arbitrary<unknown>), { maxLength: 20 }), async (values) => {
        expect(await read(type as keyof typeof cases, values)).toEqual(values);
      }),
      { numRuns: 40 },
    );
  });

  it('of JSON is read as the values that its texts stand for', async () => {
    const value = fc.json({ maxDepth: 3 }).filter((json) => !json.includes('\\u0000'));
    await fc.assert(
      fc.asyncProperty(fc.array(value, { maxLength: 20 }), async (values) => {
        expect(await read('json', values)).toEqual(values.map((json) => JSON.parse(json) as unknown));
      }),
      { numRuns: 40 },
    );
  });

  it('is made of a column of rows', async () => {
    const column = columnsOf([{ name: 'a "quoted" {one}' }, { name: undefined }]);
    const rows = await database.hot<{ names: unknown }>({
      name: 'read-names',
      text: 'select $1::text[] as names, $2::int4[] as places',
      values: [column('text', ({ name }) => name), column('int4', (_, place) => place)],
    });
    expect(rows).toEqual([{ names: ['a "quoted" {one}', null], places: [0, 1] }]);
  });

  it('refuses what its type cannot be, before Postgres does', () => {
    for (const value of ['', 'x', '0190b1e4-0000-7000-8000-00000000000', `${crypto.randomUUID()}0`]) {
      expect(() => arrayParameter('uuid', [value])).toThrow(ParameterError);
    }
    for (const value of [2 ** 31, 1.5, Number.NaN])
      expect(() => arrayParameter('int4', [value])).toThrow(ParameterError);
  });
});
