import 'reflect-metadata';
import { createFirstAccount, openDatabase } from '@millrace/persistence';
import { ConfigError, loadConfig } from '@millrace/platform';
import { z } from 'zod';
import { hashPassword } from './sessions/passwords.js';
import { chosenPassword } from './sessions/schemas.js';

// Creates the first workspace and its administrator: `node apps/api/dist/bootstrap.js` with the variables below. When
// there is an administrator already it changes nothing, so it may run before every start, and from several places.
const schema = z.object({
  DATABASE_URL: z.string().describe('postgres://user:password@host:port/database'),
  ADMIN_EMAIL: z.email('must be an e-mail address').max(320),
  ADMIN_PASSWORD: chosenPassword.describe('password of the administrator'),
  WORKSPACE_NAME: z.string().max(200).default('Millrace').describe('name of the workspace'),
});

try {
  const config = loadConfig(schema, process.env);
  const database = await openDatabase({ url: config.DATABASE_URL, applicationName: 'bootstrap', poolSize: 1 });
  try {
    const created = await createFirstAccount(database.dataSource, async () => ({
      email: config.ADMIN_EMAIL,
      name: 'Administrator',
      passwordHash: await hashPassword(config.ADMIN_PASSWORD),
      workspaceName: config.WORKSPACE_NAME,
    }));
    process.stdout.write(created ? 'workspace and administrator created\n' : 'there is an administrator already\n');
  } finally {
    await database.close();
  }
} catch (error) {
  process.stderr.write(`bootstrap: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}
