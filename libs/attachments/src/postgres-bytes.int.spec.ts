import { openDatabase } from '@millrace/persistence';
import { useTestDatabase } from '@millrace/testing';
import { describeAttachmentBytes } from './attachment-bytes.fixture.js';
import { postgresBytes } from './postgres-bytes.js';
import { seedWorkspace, seedWriting } from './rows.fixture.js';

const testDatabase = useTestDatabase();

describeAttachmentBytes('Postgres', async () => {
  const database = await openDatabase({ url: testDatabase.url, applicationName: 'attachments test', poolSize: 3 });
  const workspaceId = await seedWorkspace(database);
  return {
    bytes: postgresBytes(database),
    newId: () => seedWriting(database, workspaceId),
    close: () => database.close(),
  };
});
