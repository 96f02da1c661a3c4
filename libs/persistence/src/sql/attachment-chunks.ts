import type { AttachmentId } from '@millrace/contracts';
import type { Database } from '../database.js';

/** A piece of an attachment. Positions count from 0; all pieces but the last have the same size. */
export interface AttachmentChunk {
  attachmentId: AttachmentId;
  position: number;
  bytes: Buffer;
  last: boolean;
}

/** Writes one piece, whose bytes are not copied: they must not change meanwhile. The attachment's row must be there. */
export async function insertAttachmentChunk(database: Database, chunk: AttachmentChunk): Promise<void> {
  await database.hotBytes({
    name: 'insert-attachment-chunk',
    text: 'insert into attachment_chunk (attachment_id, position, last, bytes) values ($1, $2, $3, $4)',
    values: [chunk.attachmentId, String(chunk.position), String(chunk.last)],
    bytes: chunk.bytes,
  });
}

/** How an attachment was cut into pieces. */
export interface AttachmentLayout {
  lastPosition: number;
  /** Of every piece but the last. */
  chunkBytes: number;
}

/** How an attachment was cut into pieces; `undefined` unless all of them were written. */
export async function findAttachmentLayout(
  database: Database,
  id: AttachmentId,
): Promise<AttachmentLayout | undefined> {
  const rows = await database.hot<AttachmentLayout>({
    name: 'find-attachment-layout',
    text: `
select position as "lastPosition",
       (select length(bytes) from attachment_chunk where attachment_id = $1 and position = 0) as "chunkBytes"
from (select position, last from attachment_chunk where attachment_id = $1 order by position desc limit 1) as final
where last`,
    values: [id],
  });
  return rows[0];
}

/** The bytes of one piece; `undefined` when it is not there. */
export async function readAttachmentChunk(
  database: Database,
  id: AttachmentId,
  position: number,
): Promise<Buffer | undefined> {
  const rows = await database.hot<{ bytes: Buffer }>({
    name: 'read-attachment-chunk',
    text: 'select bytes from attachment_chunk where attachment_id = $1 and position = $2',
    values: [id, position],
  });
  return rows[0]?.bytes;
}

/** Removes all pieces. Safe to repeat. */
export async function deleteAttachmentChunks(database: Database, id: AttachmentId): Promise<void> {
  await database.hot({
    name: 'delete-attachment-chunks',
    text: 'delete from attachment_chunk where attachment_id = $1',
    values: [id],
  });
}
