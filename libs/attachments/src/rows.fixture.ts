import { newId, type AttachmentId, type RunId, type WorkspaceId } from '@millrace/contracts';
import { insertAttachment, type AttachmentPlace, type Database } from '@millrace/persistence';

/** A workspace that attachments can belong to. */
export async function seedWorkspace(database: Database): Promise<WorkspaceId> {
  const id = newId<WorkspaceId>();
  await database.dataSource.query(`insert into workspace (id, name) values ($1, 'test')`, [id]);
  return id;
}

/** The row of an attachment that is being written. */
export async function seedWriting(
  database: Database,
  workspaceId: WorkspaceId,
  store: AttachmentPlace = 'postgres',
): Promise<AttachmentId> {
  const id = newId<AttachmentId>();
  const row = { id, workspaceId, runId: newId<RunId>(), name: 'a.bin', contentType: 'application/octet-stream', store };
  await insertAttachment(database, row);
  return id;
}
