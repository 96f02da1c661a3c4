import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ChildExit, type OwnedChild, describeExit, startChild } from '../child.js';
import { claimFolder } from '../folder-claim.js';
import { freePort } from '../free-port.js';
import { userInsteadOfRoot } from '../unprivileged-user.js';
import { findPostgres } from './binaries.js';
import { type ClusterFiles, clusterFiles, clusterMajor, clusterUser, createCluster, postgresEnv } from './cluster.js';
import { reachableBinFolder } from './embedded.js';
import { preparePlace } from './place.js';

const readyTimeoutMs = 60_000;
const stopTimeoutMs = 30_000;
const pollMs = 20;

export interface PostgresOptions {
  /** The folder for the cluster, its password and its log; created when missing, reused when there. */
  readonly dataDir: string;
  /** Default: a free port. */
  readonly port?: number;
  /** False trades safety after a crash of the machine for speed: only for clusters that are thrown away. */
  readonly durable?: boolean;
  /** Passes over the machine's own Postgres and takes the npm package. */
  readonly embeddedOnly?: boolean;
  /** Told in words what takes time. */
  readonly log?: (line: string) => void;
}

/** A running private Postgres. */
export interface RunningPostgres {
  /** URL of the superuser `millrace` to the database `millrace`, which the migrations create. Holds the password. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly major: number;
  readonly origin: 'machine' | 'npm package';
  readonly logFile: string;
  /** Resolves when the server has ended, for whatever reason. */
  readonly exited: Promise<ChildExit>;
  /** Fast shutdown: open connections are ended, everything is on disk. Safe to call again. */
  stop(): Promise<void>;
  /** Kills the server as a crash would. The data folder can be started again. */
  kill(): Promise<void>;
}

/**
 * Starts a private Postgres on 127.0.0.1 as a child of this process and waits until it takes connections. Started by
 * root it runs as an ordinary user. A server that a killed run left on the same data is ended first.
 * @throws FolderInUseError when a live process uses the data; Error with the last log lines when it does not start.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const durable = options.durable ?? true;
  const user = await userInsteadOfRoot();
  const files = clusterFiles(await preparePlace(options.dataDir, user));
  const claim = await claimFolder(files.folder, options.log);
  try {
    const existing = await clusterMajor(files);
    const binaries = await findPostgres({
      ...(existing === undefined ? {} : { major: existing }),
      embeddedOnly: options.embeddedOnly ?? false,
    });
    const binFolder = user ? await reachableBinFolder(binaries.binFolder, binaries.major, user) : binaries.binFolder;
    if (existing === undefined) await createCluster({ files, binFolder, user, durable });

    const port = options.port ?? (await freePort());
    const child = await startChild({
      name: 'Postgres',
      command: join(binFolder, 'postgres'),
      args: ['-D', files.data, ...settings(port, durable)],
      env: postgresEnv(),
      cwd: files.folder,
      ...(user ? { user } : {}),
      output: { file: files.log },
      stopSignal: 'SIGINT',
      stopTimeoutMs,
      claim,
    });
    void child.exited.then(() => claim.release());
    await untilReady(child, files);
    const password = (await readFile(files.password, 'utf8')).trim();
    return {
      url: `postgresql://${clusterUser}:${password}@127.0.0.1:${port}/${clusterUser}`,
      port,
      pid: child.pid,
      major: binaries.major,
      origin: binaries.origin,
      logFile: files.log,
      exited: child.exited,
      stop: async () => void (await child.stop()),
      kill: async () => void (await child.kill()),
    };
  } catch (error) {
    claim.release();
    throw error;
  }
}

function settings(port: number, durable: boolean): string[] {
  const values: Record<string, string | number> = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 200,
    logging_collector: 'off',
    // Statements in the log could hold payloads.
    log_min_error_statement: 'panic',
    ...(durable
      ? {}
      : {
          fsync: 'off',
          synchronous_commit: 'off',
          full_page_writes: 'off',
          wal_level: 'minimal',
          max_wal_senders: 0,
        }),
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** The server writes its state into the last line of its pid file; the first line says which server that is. */
async function untilReady(child: OwnedChild, files: ClusterFiles): Promise<void> {
  const deadline = Date.now() + readyTimeoutMs;
  for (;;) {
    const exit = child.exit();
    if (exit) throw new Error(`Postgres ${describeExit(exit)} before it was ready:\n${child.logTail()}`);
    const lines = (await readFile(join(files.data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
    if (Number(lines[0]) === child.pid && lines[7]?.trim() === 'ready') return;
    if (Date.now() > deadline) {
      await child.kill();
      throw new Error(`Postgres was not ready after ${readyTimeoutMs / 1000} s:\n${child.logTail()}`);
    }
    await sleep(pollMs);
  }
}
