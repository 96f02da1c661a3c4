import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** What a private node keeps between its runs, secrets included; in a file of mode 600. */
export interface NodeIdentity {
  readonly nodeName: string;
  readonly user: string;
  readonly password: string;
  readonly cookie: string;
}

export interface NodePorts {
  readonly amqp: number;
  readonly distribution: number;
  readonly epmd: number;
  readonly management: number | undefined;
}

export interface NodeFiles {
  readonly folder: string;
  readonly identity: string;
  readonly home: string;
  readonly database: string;
  readonly logs: string;
  readonly config: string;
  readonly plugins: string;
  readonly log: string;
  readonly epmdLog: string;
}

export function nodeFiles(dataDir: string): NodeFiles {
  const folder = resolve(dataDir);
  return {
    folder,
    identity: join(folder, 'identity.json'),
    home: join(folder, 'home'),
    database: join(folder, 'database'),
    logs: join(folder, 'logs'),
    config: join(folder, 'rabbitmq.conf'),
    plugins: join(folder, 'enabled_plugins'),
    log: join(folder, 'rabbitmq.log'),
    epmdLog: join(folder, 'epmd.log'),
  };
}

/** Reads the identity of the node in the folder, or makes one with random secrets. */
export async function nodeIdentity(files: NodeFiles): Promise<NodeIdentity> {
  const text = await readFile(files.identity, 'utf8').catch(() => undefined);
  if (text !== undefined) return JSON.parse(text) as NodeIdentity;
  const hash = createHash('sha256').update(files.folder).digest('hex').slice(0, 10);
  const identity: NodeIdentity = {
    nodeName: `millrace-${hash}@localhost`,
    user: 'millrace',
    password: randomBytes(24).toString('base64url'),
    cookie: randomBytes(24).toString('hex'),
  };
  await writeFile(files.identity, JSON.stringify(identity), { mode: 0o600 });
  return identity;
}

/** Writes what the node reads when it starts. Everything it listens on is on the loopback address. */
export async function writeNodeFiles(files: NodeFiles, identity: NodeIdentity, ports: NodePorts): Promise<void> {
  for (const folder of [files.home, files.database, files.logs]) await mkdir(folder, { recursive: true, mode: 0o700 });
  const cookie = join(files.home, '.erlang.cookie');
  await rm(cookie, { force: true });
  await writeFile(cookie, identity.cookie, { mode: 0o400 });
  await writeFile(files.plugins, ports.management === undefined ? '[].\n' : '[rabbitmq_management].\n');
  await writeFile(files.config, configText(identity, ports), { mode: 0o600 });
  await chmod(files.config, 0o600);
}

/** The node's configuration. The WAL is kept small so that a restart has little to read. */
export function configText(identity: NodeIdentity, ports: NodePorts): string {
  const lines = [
    `listeners.tcp.1 = 127.0.0.1:${ports.amqp}`,
    `default_user = ${identity.user}`,
    `default_pass = ${identity.password}`,
    'log.console = true',
    'log.console.level = warning',
    'log.file = false',
    'disk_free_limit.absolute = 50MB',
    'raft.wal_max_size_bytes = 67108864',
  ];
  if (ports.management !== undefined) {
    lines.push(
      'management.tcp.ip = 127.0.0.1',
      `management.tcp.port = ${ports.management}`,
      // The management API serves for virtual hosts and lists of consumers; nobody reads its statistics.
      'management.rates_mode = none',
      ...['global', 'basic', 'detailed'].map((part) => `management.sample_retention_policies.${part}.minute = 1`),
    );
  }
  return `${lines.join('\n')}\n`;
}
