import { access, rm } from 'node:fs/promises';
import { clearAbandoned } from '../folder-claim.js';
import { removeContainerData } from './container.js';
import { nodeFiles } from './node-files.js';

/**
 * Removes a RabbitMQ data folder, with the volume of a container that used it. Processes that a killed run left in it
 * are ended first. @throws FolderInUseError when a live process works in it.
 */
export async function removeRabbitmqData(dataDir: string): Promise<void> {
  const files = nodeFiles(dataDir);
  await clearAbandoned(files.folder);
  const usedContainer = await access(`${files.folder}/container.env`).then(
    () => true,
    () => false,
  );
  if (usedContainer) await removeContainerData(dataDir);
  await rm(files.folder, { recursive: true, force: true });
}
