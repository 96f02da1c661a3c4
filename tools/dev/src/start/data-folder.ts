import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ServicePorts } from '../stack/service-list.js';
import { inRepository } from '../repository.js';

/** Where a clone keeps its data, and the files in it. */
export interface DataFolder {
  readonly folder: string;
  readonly postgres: string;
  readonly rabbitmq: string;
  readonly secrets: string;
  readonly state: string;
  readonly dev: string;
}

/** The folder that `MILLRACE_DATA_DIR` names, or `.millrace` in the clone. */
export function dataFolder(
  folder = resolve(process.env['MILLRACE_DATA_DIR'] || inRepository('.millrace')),
): DataFolder {
  return {
    folder,
    postgres: join(folder, 'postgres'),
    rabbitmq: join(folder, 'rabbitmq'),
    secrets: join(folder, 'secrets.json'),
    state: join(folder, 'state.json'),
    dev: join(folder, 'dev.json'),
  };
}

/** Secrets of this clone, made at its first start. */
export interface Secrets {
  /** 32 bytes as base64. */
  readonly masterKey: string;
  readonly adminEmail: string;
  readonly adminPassword: string;
}

/** What a start remembers for the next one. */
export interface StartState {
  readonly ports?: Partial<ServicePorts>;
  readonly postgresPort?: number;
  readonly amqpPort?: number;
  readonly tutorialFlowId?: string;
}

/** What other programs read in `dev.json`. */
export interface DevFile {
  readonly apiUrl: string;
  readonly hookUrl: string;
  readonly consoleUrl: string;
  readonly sandboxUrl: string;
  readonly adminEmail: string;
  readonly adminPassword: string;
  /** Only of servers that were started here: what the environment names may hold a password of somebody else. */
  readonly databaseUrl?: string;
  readonly amqpUrl?: string;
}

/**
 * Makes the folder, closed to other users. Root lets others pass through it, because Postgres runs as another user with
 * its data inside; every file in it is closed all the same.
 */
export async function openDataFolder(files: DataFolder): Promise<void> {
  await mkdir(files.folder, { recursive: true });
  await chmod(files.folder, process.getuid?.() === 0 ? 0o711 : 0o700);
}

/** Reads the secrets of this clone, or makes new random ones. */
export async function loadSecrets(files: DataFolder): Promise<Secrets> {
  const known = await readJson<Secrets>(files.secrets);
  if (known) return known;
  const secrets: Secrets = {
    masterKey: randomBytes(32).toString('base64'),
    adminEmail: 'admin@millrace.local',
    adminPassword: randomBytes(15).toString('base64url'),
  };
  await writeJson(files.secrets, secrets);
  return secrets;
}

export async function loadState(files: DataFolder): Promise<StartState> {
  return (await readJson<StartState>(files.state)) ?? {};
}

/** Replaces a file as a whole; only this user can read it. */
export async function writeJson(file: string, value: unknown): Promise<void> {
  const draft = `${file}.new`;
  await writeFile(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, file);
}

async function readJson<T>(file: string): Promise<T | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new Error(`${file} is damaged. \`npm run reset\` removes the data of this clone and starts afresh.`);
  }
}
