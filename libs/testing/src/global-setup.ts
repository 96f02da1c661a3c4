import { rmSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removePostgresData, removeRabbitmqData, startPostgres, startRabbitmq } from '@millrace/local-infra';
import { ensureDatabase, migrate } from '@millrace/persistence';
import type { TestProject } from 'vitest/node';
import type { TestInfra } from './infra.js';
import { removeAbandonedFolders, testFolderPrefix } from './test-folders.js';

/**
 * Starts one Postgres and one RabbitMQ for all integration specs of a vitest run and takes them away after it, with
 * their data. Vitest calls it only when specs of the project run.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await removeAbandonedFolders();
  const folder = await mkdtemp(join(tmpdir(), testFolderPrefix));
  // Postgres may run as another user than this process and has to pass through.
  await chmod(folder, 0o711);
  const postgresDir = join(folder, 'postgres');
  const rabbitmqDir = join(folder, 'rabbitmq');
  const remove = async (): Promise<void> => {
    await removePostgresData(postgresDir);
    await removeRabbitmqData(rabbitmqDir);
    await rm(folder, { recursive: true, force: true });
  };

  const [postgres, rabbitmq] = await Promise.allSettled([
    startPostgres({ dataDir: postgresDir, durable: false }),
    startRabbitmq({ dataDir: rabbitmqDir, management: true }),
  ]);
  // An interrupted run ends its servers while the process exits, and then their folder can go.
  const removeAtExit = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeAtExit);
  const stop = async (): Promise<void> => {
    process.off('exit', removeAtExit);
    // The data is thrown away, so nothing is lost by not waiting for an orderly end.
    for (const one of [postgres, rabbitmq]) if (one.status === 'fulfilled') await one.value.kill();
    await remove();
  };
  for (const one of [postgres, rabbitmq]) {
    if (one.status === 'fulfilled') continue;
    await stop();
    throw one.reason;
  }
  if (postgres.status !== 'fulfilled' || rabbitmq.status !== 'fulfilled') throw new Error('unreachable');

  const infra: TestInfra = {
    postgresUrl: postgres.value.url,
    amqpUrl: rabbitmq.value.amqpUrl,
    managementUrl: rabbitmq.value.managementUrl ?? '',
    ...(await makeTemplate(postgres.value.url)),
  };
  project.provide('millraceInfra', infra);
  return stop;
}

/** Specs that need no database run even when the migrations do not; the others say why. */
async function makeTemplate(postgresUrl: string): Promise<Pick<TestInfra, 'template' | 'templateProblem'>> {
  const template = 'millrace_template';
  const url = new URL(postgresUrl);
  url.pathname = `/${template}`;
  try {
    await ensureDatabase(url.href);
    await migrate(url.href);
    return { template, templateProblem: undefined };
  } catch (error) {
    return { template, templateProblem: error instanceof Error ? error.message : String(error) };
  }
}
