import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../run-command.js';
import type { UnprivilegedUser } from '../unprivileged-user.js';

/** The superuser of every cluster, and the database its URL names. */
export const clusterUser = 'millrace';

/** A place with its files. */
export interface ClusterFiles {
  readonly folder: string;
  readonly data: string;
  readonly password: string;
  readonly log: string;
}

export function clusterFiles(folder: string): ClusterFiles {
  return {
    folder,
    data: join(folder, 'data'),
    password: join(folder, 'password'),
    log: join(folder, 'postgres.log'),
  };
}

/** The major version that wrote the cluster; `undefined` when there is none yet. */
export async function clusterMajor(files: ClusterFiles): Promise<number | undefined> {
  const text = await readFile(join(files.data, 'PG_VERSION'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : Number.parseInt(text, 10);
}

export interface CreateClusterOptions {
  readonly files: ClusterFiles;
  readonly binFolder: string;
  readonly user: UnprivilegedUser | undefined;
  readonly durable: boolean;
}

/**
 * Runs `initdb` with a new random password. The cluster takes its final name only when it is complete, so a run that is
 * interrupted leaves nothing that looks like a cluster.
 */
export async function createCluster({ files, binFolder, user, durable }: CreateClusterOptions): Promise<void> {
  const work = join(files.folder, 'initdb');
  const draft = join(work, 'data');
  const passwordInput = join(work, 'password');
  const password = randomBytes(24).toString('base64url');
  await rm(work, { recursive: true, force: true });
  await rm(files.data, { recursive: true, force: true });
  await mkdir(work, { mode: 0o700 });
  await writeFile(passwordInput, `${password}\n`, { mode: 0o600 });
  if (user) for (const path of [work, passwordInput]) await chown(path, user.uid, user.gid);

  const initdbArguments = ['--pgdata', draft, '--username', clusterUser, '--pwfile', passwordInput];
  initdbArguments.push('--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C');
  if (!durable) initdbArguments.push('--no-sync');
  const result = await runCommand(join(binFolder, 'initdb'), initdbArguments, {
    cwd: work,
    env: postgresEnv(),
    ...(user ? { uid: user.uid, gid: user.gid } : {}),
  });
  if (!result.ok) {
    await rm(work, { recursive: true, force: true });
    throw new Error(`initdb in ${files.folder} failed:\n${result.tail}`);
  }
  await writeFile(files.password, password, { mode: 0o600 });
  await chmod(files.password, 0o600);
  await rename(draft, files.data);
  await rm(work, { recursive: true, force: true });
}

/** The environment for Postgres programs: nothing of ours that would change where they listen or what they load. */
export function postgresEnv(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { LC_ALL: 'C', TZ: 'UTC' };
  if (process.env['PATH'] !== undefined) env['PATH'] = process.env['PATH'];
  return env;
}
