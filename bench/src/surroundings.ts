import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type RunningPostgres,
  type RunningRabbitmq,
  removePostgresData,
  removeRabbitmqData,
  startPostgres,
  startRabbitmq,
} from '@millrace/local-infra';
import { withoutAutovacuum } from './measure/database.js';
import type { NamedProcess } from './measure/processes.js';
import type { Surroundings } from './sides/side.js';
import { petstoreKey, startTarget, type PetTarget } from './target/start-target.js';

/** The servers that both pipelines use, thrown away after the bench. */
export interface BenchServers {
  readonly postgres: RunningPostgres;
  readonly rabbitmq: RunningRabbitmq;
  readonly target: PetTarget;
  readonly processes: readonly NamedProcess[];
  surroundings(profileDir: string | undefined): Surroundings;
  stop(): Promise<void>;
}

/** Starts Postgres and RabbitMQ as durable as they come, and the Petstore API of the bench. */
export async function startServers(): Promise<BenchServers> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
  const postgresDir = join(folder, 'postgres');
  const rabbitmqDir = join(folder, 'rabbitmq');
  // An interrupted bench ends its servers while the process exits, and then their folder can go.
  const removeAtExit = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeAtExit);

  const target = await startTarget();
  const [postgres, rabbitmq] = await Promise.all([
    startPostgres({ dataDir: postgresDir }),
    startRabbitmq({ dataDir: rabbitmqDir }),
  ]);
  const admin = new URL(postgres.url);
  admin.pathname = '/postgres';
  const adminUrl = admin.href;
  await withoutAutovacuum(adminUrl);
  const brokerPid = rabbitmq.pid;
  if (brokerPid === undefined) throw new Error('RabbitMQ ended by itself.');
  return {
    postgres,
    rabbitmq,
    target,
    processes: [
      { name: 'RabbitMQ', pid: brokerPid },
      { name: 'Postgres', pid: postgres.pid, countChildren: true },
      { name: 'Petstore target', pid: target.pid },
      { name: 'load generator', pid: process.pid },
    ],
    surroundings: (profileDir) => ({
      adminUrl,
      amqpUrl: rabbitmq.amqpUrl,
      petstoreUrl: target.baseUrl,
      petstoreKey,
      profileDir,
    }),
    async stop() {
      target.stop();
      // The data is thrown away, so nothing is lost by not waiting for an orderly end.
      await Promise.all([postgres.kill(), rabbitmq.kill()]);
      await removePostgresData(postgresDir);
      await removeRabbitmqData(rabbitmqDir);
      removeAtExit();
      process.off('exit', removeAtExit);
    },
  };
}
