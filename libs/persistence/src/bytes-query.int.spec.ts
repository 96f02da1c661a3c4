import { randomBytes } from 'node:crypto';
import { useTestDatabase } from '@millrace/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase, type Database } from './database.js';

const testDatabase = useTestDatabase();
let database: Database;

beforeAll(async () => {
  // One connection, so that each statement finds what the one before has left of it.
  database = await openDatabase({ url: testDatabase.url, applicationName: 'spec', poolSize: 1 });
  await database.dataSource.query('create table piece (id integer primary key, label text, bytes bytea not null)');
});
afterAll(() => database.close());

const insert = (id: number, label: string, bytes: Buffer): Promise<void> =>
  database.hotBytes({
    name: 'insert-piece',
    text: 'insert into piece (id, label, bytes) values ($1, $2, $3)',
    values: [String(id), label],
    bytes,
  });

async function stored(id: number): Promise<{ label: string; bytes: Buffer } | undefined> {
  const rows: { label: string; bytes: Buffer }[] = await database.dataSource.query(
    'select label, bytes from piece where id = $1',
    [id],
  );
  return rows[0];
}

describe('a statement whose last parameter is not copied', () => {
  it.each([0, 1, 255, 256 * 1024, 5_000_000])('stores %i bytes as they are, the first time and again', async (size) => {
    for (const id of [size, size + 10]) {
      const bytes = randomBytes(size);
      await insert(id, 'Grömit “\\x00”', bytes);
      const row = await stored(id);
      expect(row?.label).toBe('Grömit “\\x00”');
      expect(row?.bytes.equals(bytes)).toBe(true);
    }
  });

  it('rejects with the error of the database, and leaves the connection as good as before', async () => {
    await insert(1_000, 'one', Buffer.from('x'));
    await expect(insert(1_000, 'two', Buffer.from('y'))).rejects.toMatchObject({ code: '23505' });
    await insert(1_001, 'three', Buffer.from('z'));
    expect(await stored(1_000)).toEqual({ label: 'one', bytes: Buffer.from('x') });
    expect(await stored(1_001)).toEqual({ label: 'three', bytes: Buffer.from('z') });
  });

  it('goes in turns with other statements', async () => {
    const all = Array.from({ length: 20 }, (_, n) => n + 2_000);
    await Promise.all(all.flatMap((id) => [insert(id, 'x', randomBytes(100_000)), database.ping()]));
    const rows: { n: number }[] = await database.dataSource.query(
      'select count(*)::int as n from piece where id >= 2000 and length(bytes) = 100000',
    );
    expect(rows[0]?.n).toBe(20);
  });
});
