import { runCommand } from '@millrace/local-infra';
import { inRepository } from '../repository.js';

const timeoutMs = 120_000;

/** Creates the database that the URL names when it is missing, and applies the migrations that it lacks. */
export async function migrateDatabase(databaseUrl: string): Promise<void> {
  await runScript('The migrations', 'libs/persistence/dist/migrate.js', { DATABASE_URL: databaseUrl });
}

export interface FirstAdministrator {
  readonly databaseUrl: string;
  readonly email: string;
  readonly password: string;
}

/** Makes the first workspace and its administrator when there is none yet. */
export async function bootstrapWorkspace({ databaseUrl, email, password }: FirstAdministrator): Promise<void> {
  await runScript('The first workspace', 'apps/api/dist/bootstrap.js', {
    DATABASE_URL: databaseUrl,
    ADMIN_EMAIL: email,
    ADMIN_PASSWORD: password,
  });
}

async function runScript(what: string, script: string, env: Record<string, string>): Promise<void> {
  const path = process.env['PATH'];
  const result = await runCommand(process.execPath, ['--enable-source-maps', inRepository(script)], {
    cwd: inRepository(),
    env: { ...(path === undefined ? {} : { PATH: path }), ...env },
    timeout: timeoutMs,
  });
  if (!result.ok) throw new Error(`${what} failed (${script}):\n${result.tail}`);
}
