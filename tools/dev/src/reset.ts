// `npm run reset`: removes the data of this clone, with the database and the broker in it.
import { rm } from 'node:fs/promises';
import { FolderInUseError, clearAbandoned, removePostgresData, removeRabbitmqData } from '@millrace/local-infra';
import { dataFolder } from './start/data-folder.js';

const files = dataFolder();
try {
  await clearAbandoned(files.folder, console.log);
  await removePostgresData(files.postgres);
  await removeRabbitmqData(files.rabbitmq);
  await rm(files.folder, { recursive: true, force: true });
  console.log('The data of this clone is removed. The next `npm start` begins afresh.');
} catch (error) {
  if (!(error instanceof FolderInUseError)) throw error;
  console.error(`Millrace runs in this clone (process ${error.ownerPid}). Stop it with Ctrl-C before the reset.`);
  process.exitCode = 1;
}
