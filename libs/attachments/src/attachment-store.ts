import type { Readable } from 'node:stream';
import {
  newId,
  nothingReached,
  type AttachmentId,
  type FileReference,
  type Reached,
  type RunId,
  type WorkspaceId,
} from '@millrace/contracts';
import type { Logger } from '@millrace/observability';
import {
  beginRemovingAbandoned,
  beginRemovingAttachments,
  beginRemovingUnclaimed,
  completeAttachment,
  deleteRemovedAttachments,
  findAttachment,
  insertAttachment,
  type AttachmentRow,
  type Database,
  type RemovableAttachment,
} from '@millrace/persistence';
import type { ByteRange } from './attachment-bytes.js';
import type { AttachmentDrivers } from './attachment-drivers.js';
import { AttachmentStoreError } from './attachment-store-error.js';
import { endContent } from './content.js';
import type { FileUrls } from './file-urls.js';

/** A file that is to be stored. */
export interface NewFile {
  workspaceId: WorkspaceId;
  runId: RunId;
  name: string;
  contentType: string;
}

/** A file that is stored whole. */
export interface StoredAttachment extends Omit<AttachmentRow, 'store'> {
  /** The exact bytes, or a range of them. Whoever does not read to the end destroys the stream. */
  read(range?: ByteRange): Promise<Readable>;
}

export interface AttachmentStore {
  /**
   * Stores a file; resolves once row and bytes are durable. Rejects with the error of `content` as it is, with
   * `AttachmentStoreError`, or with an error of the database. `content` is read to its end or destroyed in any case.
   */
  store(file: NewFile, content: AsyncIterable<Buffer>): Promise<FileReference>;
  /** A stored file; `undefined` when there is none, or not yet. */
  open(id: AttachmentId): Promise<StoredAttachment | undefined>;
  /** Removes files with their bytes. Safe to repeat; what cannot be removed now is not readable, and removed as abandoned. */
  discard(ids: readonly AttachmentId[]): Promise<void>;
  /**
   * Removes what was never completed, such as the uploads of a process that was killed, and goes on with removals that
   * did not end. Safe to repeat, and for several processes at once. Give more time than the longest upload takes.
   */
  removeAbandoned(olderThanMs: number): Promise<{ removed: number; failed: number }>;
  /**
   * Removes whole files that nobody can need: their request has no run (its row is gone, or it was never accepted), is no
   * sample and not parked, and runs of requests that came a day later show that its trigger is not on its way either.
   * Safe to repeat, and for several processes at once.
   */
  removeUnclaimed(olderThanMs: number): Promise<{ removed: number; failed: number }>;
}

export interface AttachmentStoreDeps {
  database: Database;
  bytes: AttachmentDrivers;
  urls: Pick<FileUrls, 'sign'>;
  logger: Logger;
  /** For the crash points of the process; default does nothing. */
  reached?: Reached;
}

const portionSize = 100;
/** Files that one statement looks at. */
const lookedAtOnce = 1_000;
const longestName = 1_000;

/**
 * Keeps a row for every file, and its bytes where the row says. A row is `writing`, then `stored`, then `removing`: only
 * a stored one is read, and only the statement that finds it still `writing` makes it stored.
 */
export function createAttachmentStore(deps: AttachmentStoreDeps): AttachmentStore {
  const { database, bytes, urls, logger, reached = nothingReached } = deps;

  /** Removes bytes and rows of what is `removing`; resolves the ids that could not be, with the first reason. */
  async function remove(attachments: readonly RemovableAttachment[]): Promise<{ failed: number; reason?: unknown }> {
    if (attachments.length > 0) reached('file.removalBegun');
    const failures: unknown[] = [];
    const gone: AttachmentId[] = [];
    for (const { id, store } of attachments) {
      try {
        await bytes.of(store).remove(id);
        gone.push(id);
      } catch (error) {
        failures.push(error);
      }
    }
    if (gone.length > 0) reached('file.bytesRemoved');
    if (gone.length > 0) await deleteRemovedAttachments(database, gone);
    return failures.length === 0 ? { failed: 0 } : { failed: failures.length, reason: failures[0] };
  }

  async function discard(ids: readonly AttachmentId[]): Promise<void> {
    const { failed, reason } = await remove(await beginRemovingAttachments(database, ids));
    if (failed > 0) throw reason;
  }

  return {
    discard,

    async store(file, content) {
      const id = newId<AttachmentId>();
      const name = storable(file.name).slice(0, longestName);
      const contentType = storable(file.contentType).slice(0, longestName);
      try {
        const { workspaceId, runId } = file;
        await insertAttachment(database, { id, workspaceId, runId, name, contentType, store: bytes.store });
        reached('file.recorded');
        const written = await bytes.of(bytes.store).write(id, content);
        reached('file.bytesStored');
        if (!(await completeAttachment(database, { id, ...written })))
          throw new AttachmentStoreError('removed', `Attachment ${id} was removed while it was being stored.`);
        reached('file.stored');
        return { id, name, contentType, size: written.sizeBytes, url: urls.sign(id) };
      } catch (error) {
        await endContent(content);
        // Not readable in any case. What cannot be removed now is removed as abandoned.
        await discard([id]).catch((err: unknown) => logger.warn({ err, attachmentId: id }, 'attachment left behind'));
        throw error;
      }
    },

    async open(id) {
      const row = await findAttachment(database, id);
      if (!row) return undefined;
      const { store, ...attachment } = row;
      return { ...attachment, read: async (range) => bytes.of(store).read(id, range) };
    },

    async removeAbandoned(olderThanMs) {
      const stores = bytes.places();
      const count = { removed: 0, failed: 0 };
      let after: AttachmentId | undefined;
      for (;;) {
        const portion = await beginRemovingAbandoned(database, { olderThanMs, stores, after, limit: portionSize });
        const { failed, reason } = await remove(portion);
        if (failed > 0) logger.warn({ err: reason, failed }, 'abandoned attachments could not be removed');
        count.failed += failed;
        count.removed += portion.length - failed;
        if (portion.length < portionSize) return count;
        after = portion.at(-1)?.id;
      }
    },

    async removeUnclaimed(olderThanMs) {
      const stores = bytes.places();
      const count = { removed: 0, failed: 0 };
      let after: AttachmentId | undefined;
      for (;;) {
        const portion = { olderThanMs, stores, after, limit: lookedAtOnce };
        const { unclaimed, last } = await beginRemovingUnclaimed(database, portion);
        const { failed, reason } = await remove(unclaimed);
        if (failed > 0) logger.warn({ err: reason, failed }, 'attachments of no run could not be removed');
        count.failed += failed;
        count.removed += unclaimed.length - failed;
        if (last === undefined) return count;
        after = last;
      }
    },
  };
}

/** Postgres takes no NUL, and UTF-8 no lone surrogate. */
function storable(text: string): string {
  return Buffer.from(text.replaceAll('\0', '\uFFFD')).toString();
}
