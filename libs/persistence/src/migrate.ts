import { ensureDatabase, migrate } from './admin.js';

// The one command that changes the schema: `node libs/persistence/dist/migrate.js` with DATABASE_URL.
const databaseUrl = process.env['DATABASE_URL'];
if (!databaseUrl) {
  process.stderr.write('DATABASE_URL is not set: give postgres://user:password@host:port/database\n');
  process.exit(2);
}
try {
  const created = await ensureDatabase(databaseUrl);
  const applied = await migrate(databaseUrl);
  process.stdout.write(`${created ? 'database created, ' : ''}${applied.length} migrations applied\n`);
} catch (error) {
  process.stderr.write(`migration failed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
