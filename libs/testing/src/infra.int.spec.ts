import { openDatabase } from '@millrace/persistence';
import { describe, expect, it } from 'vitest';
import { createTestDatabase, useTestDatabase } from './database.js';
import { createVhost, useVhost } from './vhost.js';

describe('the infrastructure for integration specs', () => {
  const vhost = useVhost();
  const database = useTestDatabase();

  it('gives a migrated database of its own', async () => {
    const opened = await openDatabase({ url: database.url, applicationName: 'spec' });
    const rows = await opened.hot<{ name: string }>({
      name: 'migrations',
      text: 'select name from schema_migration',
      values: [],
    });
    expect(rows.length).toBeGreaterThan(0);
    await opened.close();
  });

  it('counts connections that are left open', async () => {
    const other = await createTestDatabase();
    const opened = await openDatabase({ url: other.url, applicationName: 'spec' });
    await opened.ping();
    expect(await other.connectionCount()).toBe(1);
    await opened.close();
    await other.drop();
  });

  it('gives a virtual host to each test', async () => {
    expect(vhost.amqpUrl).toContain(vhost.name);
    expect(await vhost.management.consumers(vhost.name)).toEqual([]);
    const other = await createVhost();
    expect(other.name).not.toBe(vhost.name);
    expect(await other.openEnds()).toEqual([]);
    await other.remove();
    await expect(other.management.consumers(other.name)).rejects.toThrow('404');
  });
});
