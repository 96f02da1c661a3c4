import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type RunningPostgres,
  type RunningRabbitmq,
  removePostgresData,
  removeRabbitmqData,
  startPostgres,
  startRabbitmq,
} from '@millrace/local-infra';
import { testFolderPrefix } from '@millrace/testing';

/** A throw-away Postgres and RabbitMQ as durable as they come, both of which may be ended and come back as they were. */
export interface Servers {
  readonly databaseUrl: string;
  readonly broker: RunningRabbitmq;
  readonly postgresMajor: number;
  /** `pg_ctl stop -m immediate`: all its processes quit at once, and the next start recovers from the log. */
  withoutPostgres(downMs: number): Promise<void>;
  withoutBroker(how: 'stopped' | 'killed', downMs: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startServers(): Promise<Servers> {
  const folder = await mkdtemp(join(tmpdir(), testFolderPrefix));
  const postgresDir = join(folder, 'postgres');
  const rabbitmqDir = join(folder, 'rabbitmq');
  let postgres: RunningPostgres = await startPostgres({ dataDir: postgresDir });
  const broker = await startRabbitmq({ dataDir: rabbitmqDir }).catch(async (error: unknown) => {
    await postgres.kill();
    throw error;
  });
  const { port, url, major } = postgres;
  return {
    databaseUrl: url,
    broker,
    postgresMajor: major,
    async withoutPostgres(downMs) {
      process.kill(postgres.pid, 'SIGQUIT');
      await postgres.exited;
      await sleep(downMs);
      postgres = await startPostgres({ dataDir: postgresDir, port });
    },
    async withoutBroker(how, downMs) {
      await (how === 'killed' ? broker.kill() : broker.stop());
      await sleep(downMs);
      await broker.start();
    },
    async stop() {
      // The data is thrown away, so nothing is lost by not waiting for an orderly end.
      await Promise.all([postgres.kill(), broker.kill()]);
      await removePostgresData(postgresDir);
      await removeRabbitmqData(rabbitmqDir);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
