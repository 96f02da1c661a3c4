import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { runCommand } from './run-command.js';

/** A user without special rights, for programs that refuse to run as root. */
export interface UnprivilegedUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** The user for Postgres: `undefined` when this process is not root and simply stays who it is. */
export async function userInsteadOfRoot(): Promise<UnprivilegedUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const uid = await numericId('-u', name);
    const gid = await numericId('-g', name);
    if (uid && gid !== undefined) return { name, uid, gid };
  }
  throw new Error('Postgres refuses to run as root, and this machine has no user `postgres` or `nobody`.');
}

/** Whether the user may pass through every folder down to `path` (the path itself included when it is a folder). */
export async function canReach(path: string, user: UnprivilegedUser): Promise<boolean> {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const entry = await stat(folder).catch(() => undefined);
    if (entry?.isDirectory()) {
      const shift = entry.uid === user.uid ? 6 : entry.gid === user.gid ? 3 : 0;
      if (((entry.mode >> shift) & constants.X_OK) === 0) return false;
    }
    if (folder === dirname(folder)) return true;
  }
}

/** Whether this process may execute the file. */
export async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function numericId(flag: '-u' | '-g', name: string): Promise<number | undefined> {
  const result = await runCommand('id', [flag, name]);
  return result.ok ? Number(result.stdout.trim()) : undefined;
}
