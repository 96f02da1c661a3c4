import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, readlink, rm, rmdir, symlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { clearAbandoned } from '../folder-claim.js';
import { type UnprivilegedUser, canReach } from '../unprivileged-user.js';
import { sharedRoot } from './embedded.js';

/** Where a data folder that was asked for lives when the user who runs Postgres cannot reach it. */
export function relocatedFolder(dataDir: string): string {
  const hash = createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 16);
  return join(sharedRoot, hash);
}

/**
 * Makes the data folder and returns its real path. When `user` cannot pass to it (a clone below a closed home folder),
 * the folder is made below /var/lib/millrace and a symbolic link left in the place asked for.
 */
export async function preparePlace(dataDir: string, user: UnprivilegedUser | undefined): Promise<string> {
  await mkdir(dirname(resolve(dataDir)), { recursive: true });
  if (!user || (await canReach(dirname(resolve(dataDir)), user))) {
    await mkdir(dataDir, { recursive: true, mode: 0o711 });
    if (user) await chmod(dataDir, 0o711);
    return resolve(dataDir);
  }
  const real = relocatedFolder(dataDir);
  const linked = await readlink(dataDir).catch(() => undefined);
  if (linked !== real) {
    // A folder without its link belongs to a clone that was deleted: its data is of no use to this one.
    await removeFolder(real);
    await rm(dataDir, { recursive: true, force: true });
    await symlink(real, dataDir);
  }
  await mkdir(real, { recursive: true, mode: 0o711 });
  return real;
}

/**
 * Removes a Postgres data folder, and the relocated one behind a link. Processes that a killed run left in it are
 * ended first. @throws FolderInUseError when a live process works in it.
 */
export async function removePostgresData(dataDir: string): Promise<void> {
  const entry = await lstat(dataDir).catch(() => undefined);
  const real = relocatedFolder(dataDir);
  if (entry?.isSymbolicLink() && (await readlink(dataDir)) === real) await removeFolder(real);
  else if (entry?.isDirectory()) await clearAbandoned(dataDir);
  await rm(dataDir, { recursive: true, force: true });
}

async function removeFolder(folder: string): Promise<void> {
  const exists = await lstat(folder).catch(() => undefined);
  if (exists) await clearAbandoned(folder);
  await rm(folder, { recursive: true, force: true });
  // Fails, as it should, while another clone has data there.
  await rmdir(sharedRoot).catch(() => {});
}
