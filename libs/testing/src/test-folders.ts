import { readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderOwner, removePostgresData, removeRabbitmqData } from '@millrace/local-infra';

/** Folders of test runs begin like this, so that a later run finds those that a killed run left. */
export const testFolderPrefix = 'millrace-test-';

const parts = { postgres: removePostgresData, rabbitmq: removeRabbitmqData };
/** A folder that is just being filled has no owner yet. */
const youngMs = 60_000;

/** Removes test folders whose run no longer lives, and ends what still runs in them. */
export async function removeAbandonedFolders(parent = tmpdir()): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names.filter((one) => one.startsWith(testFolderPrefix))) {
    const folder = join(parent, name);
    const owned = Object.keys(parts).some((part) => folderOwner(join(folder, part)) !== undefined);
    const age = Date.now() - ((await stat(folder).catch(() => undefined))?.mtimeMs ?? 0);
    if (owned || age < youngMs) continue;
    for (const [part, remove] of Object.entries(parts)) await remove(join(folder, part)).catch(() => {});
    await rm(folder, { recursive: true, force: true }).catch(() => {});
  }
}
