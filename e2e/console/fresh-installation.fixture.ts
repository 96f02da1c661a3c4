import { randomBytes, randomUUID } from 'node:crypto';
import { deriveSetupToken } from '@millrace/credentials';
import { choosePorts, launchServices, migrateDatabase } from '@millrace/dev';
import type { ConsoleWorkspace } from './workspace.fixture.js';

/** A Millrace that nobody has set up yet. */
export interface FreshInstallation {
  readonly url: string;
  readonly setupToken: string;
  stop(): Promise<void>;
}

/** Starts an API with an empty database beside the one that there is. */
export async function freshInstallation(
  beside: Pick<ConsoleWorkspace, 'databaseUrl' | 'amqpUrl'>,
): Promise<FreshInstallation> {
  const masterKey = randomBytes(32);
  const database = new URL(beside.databaseUrl);
  database.pathname = `/fresh-${randomUUID()}`;
  await migrateDatabase(database.href);
  const { amqpUrl } = beside;
  const ports = await choosePorts();
  const stack = await launchServices({ services: ['api'], databaseUrl: database.href, amqpUrl, masterKey, ports });
  try {
    await stack.waitHealthy();
  } catch (error) {
    await stack.stop();
    throw error;
  }
  return { url: stack.urls.api, setupToken: deriveSetupToken(masterKey), stop: () => stack.stop() };
}
