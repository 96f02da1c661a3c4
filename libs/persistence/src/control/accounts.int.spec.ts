import { useTestDatabase } from '@millrace/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase, type Database } from '../database.js';
import { createFirstAccount, findAccount } from './accounts.js';

const testDatabase = useTestDatabase();
let databases: Database[];

beforeAll(async () => {
  const options = { url: testDatabase.url, applicationName: 'spec', poolSize: 1 };
  databases = await Promise.all([openDatabase(options), openDatabase(options), openDatabase(options)]);
});
afterAll(() => Promise.all(databases.map((database) => database.close())));

describe('the first account', () => {
  it('is created once, however many processes try at the same time', async () => {
    let prepared = 0;
    const created = await Promise.all(
      databases.map((database) =>
        createFirstAccount(database.dataSource, async () => {
          prepared += 1;
          return { email: 'Ada@Example.test', name: 'Ada', passwordHash: 'hash', workspaceName: 'First' };
        }),
      ),
    );
    expect(created.filter(Boolean)).toHaveLength(1);
    expect(prepared).toBe(1);
    const [database] = databases;
    const rows = await database!.dataSource.query(
      'select (select count(*)::int from workspace) as workspaces, (select count(*)::int from "user") as users',
    );
    expect(rows).toEqual([{ workspaces: 1, users: 1 }]);
    expect(await findAccount(database!.dataSource.manager, 'ada@example.TEST')).toMatchObject({
      email: 'Ada@Example.test',
      workspaceName: 'First',
      role: 'administrator',
    });
  });

  it('is not found by another address', async () => {
    expect(await findAccount(databases[0]!.dataSource.manager, 'eve@example.test')).toBeUndefined();
  });
});
