import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  bootstrapWorkspace,
  choosePorts,
  launchServices,
  migrateDatabase,
  signIn,
  type ApiClient,
  type ServiceName,
  type Stack,
} from '@millrace/dev';
import { removePostgresData, removeRabbitmqData, startPostgres, startRabbitmq } from '@millrace/local-infra';
import { testFolderPrefix } from '@millrace/testing';

/** All of Millrace as separate processes on a throw-away Postgres and RabbitMQ, and a client signed in to it. */
export interface RunningStack {
  stack: Stack;
  api: ApiClient;
  broker: Awaited<ReturnType<typeof startRabbitmq>>;
  databaseUrl: string;
  masterKey: Buffer;
  /** Kills Postgres, runs `meanwhile` and starts Postgres again on the same data and port. */
  withoutPostgres(meanwhile: () => Promise<void>): Promise<void>;
  administrator: { email: string; password: string };
  stop(): Promise<void>;
}

/** Starts everything from what has been built, on a Postgres that keeps what it committed when it is killed. Resolves when all of it is ready. */
export async function runStack(extraEnv: Parameters<typeof launchServices>[0]['extraEnv'] = {}): Promise<RunningStack> {
  const folder = await mkdtemp(join(tmpdir(), testFolderPrefix));
  const undo: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    let postgres = await startPostgres({ dataDir: join(folder, 'postgres') });
    const { port } = postgres;
    undo.push(
      () => removePostgresData(join(folder, 'postgres')),
      () => postgres.stop(),
    );
    const broker = await startRabbitmq({ dataDir: join(folder, 'rabbitmq') });
    undo.push(
      () => removeRabbitmqData(join(folder, 'rabbitmq')),
      () => broker.stop(),
    );
    await migrateDatabase(postgres.url);
    const administrator = { email: 'admin@example.com', password: randomBytes(18).toString('base64url') };
    await bootstrapWorkspace({ databaseUrl: postgres.url, ...administrator });
    const masterKey = randomBytes(32);
    const stack = await launchServices({
      databaseUrl: postgres.url,
      amqpUrl: broker.amqpUrl,
      masterKey,
      ports: await choosePorts(),
      extraEnv,
    });
    undo.push(() => stack.stop());
    await stack.waitHealthy();
    const api = await signIn(stack.urls.api, administrator.email, administrator.password);
    return {
      stack,
      api,
      broker,
      databaseUrl: postgres.url,
      masterKey,
      administrator,
      stop,
      async withoutPostgres(meanwhile) {
        await postgres.kill();
        await meanwhile();
        postgres = await startPostgres({ dataDir: join(folder, 'postgres'), port });
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Ends a service without a word, as a machine that goes down would, and brings it back. Resolves when it is ready. */
export async function killAndRestart(stack: Stack, name: ServiceName): Promise<void> {
  const service = stack.service(name);
  await service.kill('SIGKILL');
  await sleep(300);
  await service.start();
  await service.waitHealthy();
}
