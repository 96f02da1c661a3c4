import { readdir, realpath } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { isExecutable } from '../unprivileged-user.js';

/** A RabbitMQ on this machine. */
export interface RabbitmqBinaries {
  /** The server's own start script, not the wrapper of a distribution that insists on a certain user. */
  readonly server: string;
  /** The Erlang port mapper. */
  readonly epmd: string;
  /** The installation, with `plugins` in it. */
  readonly home: string;
  /** From the name of the installation's folder, for people; `undefined` when it does not tell. */
  readonly version: string | undefined;
}

const wellKnown = [
  '/usr/lib/rabbitmq/bin/rabbitmq-server',
  '/opt/homebrew/opt/rabbitmq/sbin/rabbitmq-server',
  '/usr/local/opt/rabbitmq/sbin/rabbitmq-server',
  '/opt/rabbitmq/sbin/rabbitmq-server',
];

/** Finds RabbitMQ and Erlang in the usual folders and in PATH. `undefined` when one of them is missing. */
export async function findRabbitmq(): Promise<RabbitmqBinaries | undefined> {
  const epmd = await findEpmd();
  if (!epmd) return undefined;
  for (const candidate of [...wellKnown, ...(await genericInstallations()), ...inPath('rabbitmq-server')]) {
    if (!(await isExecutable(candidate))) continue;
    const server = await realpath(candidate);
    const home = dirname(dirname(server));
    // A distribution's wrapper in /usr/sbin has no plugins beside it.
    if (!(await readdir(join(home, 'plugins')).catch(() => undefined))) continue;
    const version = /rabbitmq(?:_server)?[-/](\d+\.\d+\.\d+)/.exec(home)?.[1];
    return { server, epmd, home, version };
  }
  return undefined;
}

async function findEpmd(): Promise<string | undefined> {
  const folders = ['/opt/homebrew/opt/erlang/bin', '/usr/local/opt/erlang/bin', '/usr/lib/erlang/bin'];
  for (const candidate of [...inPath('epmd'), ...folders.map((folder) => join(folder, 'epmd'))]) {
    if (await isExecutable(candidate)) return candidate;
  }
  return undefined;
}

async function genericInstallations(): Promise<string[]> {
  const names = await readdir('/opt').catch(() => []);
  return names
    .filter((name) => name.startsWith('rabbitmq_server-'))
    .toSorted()
    .toReversed()
    .map((name) => join('/opt', name, 'sbin', 'rabbitmq-server'));
}

function inPath(name: string): string[] {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, name));
}
