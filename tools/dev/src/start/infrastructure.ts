import {
  type RunningPostgres,
  type RunningRabbitmq,
  clearAbandoned,
  freePort,
  startPostgres,
  startRabbitmq,
} from '@millrace/local-infra';
import { step } from '../output/progress.js';
import { bootstrapWorkspace, migrateDatabase } from '../stack/prepare-database.js';
import type { DataFolder, Secrets, StartState } from './data-folder.js';
import { assertReachable, givenUrl } from './given-servers.js';

const defaultPostgresPort = 5433;
const defaultAmqpPort = 5673;

/** The database, migrated and with an administrator, and the broker. */
export interface Infrastructure {
  readonly databaseUrl: string;
  readonly amqpUrl: string;
  /** The ports of what was started here, to be taken again at the next start. */
  readonly state: Pick<StartState, 'postgresPort' | 'amqpPort'>;
  /** What was started here; servers that DATABASE_URL and AMQP_URL name are not ours. */
  readonly postgres: RunningPostgres | undefined;
  readonly rabbitmq: RunningRabbitmq | undefined;
  /** Stops what was started here. */
  stop(): Promise<void>;
}

/**
 * Brings up Postgres and RabbitMQ at the same time. The database is prepared while the broker still starts.
 * When one of them fails, the other is stopped before the failure is passed on.
 */
export async function startInfrastructure(
  files: DataFolder,
  secrets: Secrets,
  earlier: StartState,
): Promise<Infrastructure> {
  let postgres: RunningPostgres | undefined;
  let rabbitmq: RunningRabbitmq | undefined;
  const stop = async (): Promise<void> => {
    await Promise.all([rabbitmq?.stop(), postgres?.stop()]);
  };

  const prepareDatabase = async (): Promise<string> => {
    let databaseUrl = givenUrl('DATABASE_URL', ['postgres:', 'postgresql:']);
    if (!databaseUrl) {
      postgres = await ownPostgres(files, earlier);
      databaseUrl = postgres.url;
    } else await assertReachable('DATABASE_URL', databaseUrl, 5432);
    const url = databaseUrl;
    await step('database migrated', () => migrateDatabase(url));
    await step('first workspace', () =>
      bootstrapWorkspace({ databaseUrl: url, email: secrets.adminEmail, password: secrets.adminPassword }),
    );
    return url;
  };
  const prepareBroker = async (): Promise<string> => {
    const amqpUrl = givenUrl('AMQP_URL', ['amqp:', 'amqps:']);
    if (amqpUrl) {
      await assertReachable('AMQP_URL', amqpUrl, 5672);
      return amqpUrl;
    }
    rabbitmq = await ownRabbitmq(files, earlier);
    return rabbitmq.amqpUrl;
  };

  const [database, broker] = await Promise.allSettled([prepareDatabase(), prepareBroker()]);
  if (database.status === 'fulfilled' && broker.status === 'fulfilled') {
    return {
      databaseUrl: database.value,
      amqpUrl: broker.value,
      state: {
        ...(postgres ? { postgresPort: postgres.port } : {}),
        ...(rabbitmq ? { amqpPort: rabbitmq.port } : {}),
      },
      postgres,
      rabbitmq,
      stop,
    };
  }
  await stop();
  throw database.status === 'rejected' ? database.reason : (broker as PromiseRejectedResult).reason;
}

function ownPostgres(files: DataFolder, earlier: StartState): Promise<RunningPostgres> {
  return step('Postgres', async ({ note, title }) => {
    // What a killed start left running still holds the port.
    await clearAbandoned(files.postgres, note);
    const port = await freePort(earlier.postgresPort ?? defaultPostgresPort);
    const postgres = await startPostgres({ dataDir: files.postgres, port, log: note });
    title(`Postgres ${postgres.major} on port ${port}`);
    return postgres;
  });
}

function ownRabbitmq(files: DataFolder, earlier: StartState): Promise<RunningRabbitmq> {
  return step('RabbitMQ', async ({ note, title }) => {
    await clearAbandoned(files.rabbitmq, note);
    const port = await freePort(earlier.amqpPort ?? defaultAmqpPort);
    const rabbitmq = await startRabbitmq({ dataDir: files.rabbitmq, port, log: note });
    const version = rabbitmq.version ? ` ${rabbitmq.version}` : '';
    title(`RabbitMQ${version}${rabbitmq.origin === 'container' ? ' (container)' : ''} on port ${port}`);
    return rabbitmq;
  });
}
