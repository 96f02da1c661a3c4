import { readFile } from 'node:fs/promises';
import { dataFolder } from '../start/data-folder.js';

/** How to reach the database and the broker of an installation; both URLs may hold a password. */
export interface Connections {
  databaseUrl: string;
  amqpUrl: string;
}

/**
 * Those that DATABASE_URL and AMQP_URL name, else those that `npm start` of this clone has started itself; `undefined`
 * when there are none.
 */
export async function readConnections(): Promise<Connections | undefined> {
  const text = await readFile(dataFolder().dev, 'utf8').catch(() => undefined);
  const started = (text === undefined ? {} : JSON.parse(text)) as Partial<Connections>;
  const databaseUrl = process.env['DATABASE_URL'] || started.databaseUrl;
  const amqpUrl = process.env['AMQP_URL'] || started.amqpUrl;
  return databaseUrl && amqpUrl ? { databaseUrl, amqpUrl } : undefined;
}
