import { Readable } from 'node:stream';
import type { AttachmentId } from '@millrace/contracts';
import {
  deleteAttachmentChunks,
  findAttachmentLayout,
  insertAttachmentChunk,
  readAttachmentChunk,
  type AttachmentLayout,
  type Database,
} from '@millrace/persistence';
import type { AttachmentBytes, ByteRange } from './attachment-bytes.js';
import { AttachmentStoreError } from './attachment-store-error.js';
import { measure, slices } from './content.js';

const chunkBytes = 256 * 1024;

/**
 * Keeps the bytes in Postgres, in chunks of 256 KiB. Each chunk is a statement of its own, one after the other, so that
 * a slow sender or reader holds no connection, and one chunk of a file is in memory at a time.
 */
export function postgresBytes(database: Database): AttachmentBytes {
  return {
    async write(id, content) {
      const passing = measure(content);
      let position = 0;
      try {
        for await (const { bytes, last } of slices(passing.bytes(), chunkBytes)) {
          await insertAttachmentChunk(database, { attachmentId: id, position, bytes, last });
          position += 1;
        }
      } catch (error) {
        // What is there of it has no last chunk, so nobody reads it. If it cannot be removed now, it is later, with its row.
        await deleteAttachmentChunks(database, id).catch(() => undefined);
        throw error;
      }
      return passing.measured();
    },

    async read(id, range) {
      const layout = await findAttachmentLayout(database, id);
      if (!layout) throw missing(id);
      return Readable.from(readChunks(database, id, layout, range), { objectMode: false, highWaterMark: chunkBytes });
    },

    remove: (id) => deleteAttachmentChunks(database, id),
  };
}

async function* readChunks(
  database: Database,
  id: AttachmentId,
  { lastPosition, chunkBytes: sizeBytes }: AttachmentLayout,
  range: ByteRange = { from: 0, to: Infinity },
): AsyncGenerator<Buffer> {
  const first = sizeBytes === 0 ? 0 : Math.floor(range.from / sizeBytes);
  for (let position = first; position <= lastPosition && position * sizeBytes <= range.to; position += 1) {
    const bytes = await readAttachmentChunk(database, id, position);
    if (!bytes) throw missing(id);
    const begin = position * sizeBytes;
    yield bytes.subarray(Math.max(0, range.from - begin), range.to - begin + 1);
  }
}

function missing(id: AttachmentId): AttachmentStoreError {
  return new AttachmentStoreError('missing', `The bytes of attachment ${id} are not in Postgres; it may be removed.`);
}
