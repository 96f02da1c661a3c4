import { AttachmentStoreError, type AttachmentStore } from '@millrace/attachments';
import { BodyAborted, type FileSink } from '@millrace/bodies';
import type { AttachmentId, FileReference, RunId, WorkspaceId } from '@millrace/contracts';
import type { Logger } from '@millrace/observability';
import { databaseFault } from '@millrace/persistence';
import { refused, type Refusal } from '../answers/refusals.js';
import { ArrivalError } from './arrival.js';
import { arrivalRefusal } from './body-refusals.js';

export interface StoredFilesDeps {
  attachments: Pick<AttachmentStore, 'store' | 'discard'>;
  logger: Logger;
}

const unavailable = refused('unavailable', { headers: { 'retry-after': '5' } });

/** Where the files of a call go; remembers them, for the call may yet be refused. */
export interface CallFiles extends FileSink {
  readonly stored: FileReference[];
}

/** Whose the files of a call are. */
export interface FilesOwner {
  workspaceId: WorkspaceId;
  runId: RunId;
}

export function callFiles({ attachments }: StoredFilesDeps, owner: FilesOwner): CallFiles {
  const stored: FileReference[] = [];
  return {
    stored,
    async store(file, content) {
      const reference = await attachments.store({ ...owner, ...file }, content);
      stored.push(reference);
      return reference;
    },
  };
}

/** Forgets the files of a call that became nothing. Those that cannot be removed now stay behind. */
export async function discardFiles(
  { attachments, logger }: StoredFilesDeps,
  files: readonly FileReference[],
): Promise<void> {
  if (files.length === 0) return;
  try {
    await attachments.discard(files.map(({ id }) => id as AttachmentId));
  } catch (error) {
    logger.warn({ err: error, files: files.length }, 'files of a refused call could not be removed');
  }
}

/** Says why the files of a call were not read to their end. Throws what is a fault of ours. */
export function brokenOff({ logger }: StoredFilesDeps, error: unknown, maxBytes: number): Refusal {
  if (error instanceof ArrivalError) return arrivalRefusal(error.fault, maxBytes);
  if (error instanceof BodyAborted) {
    return arrivalRefusal(error.cause instanceof ArrivalError ? error.cause.fault : 'brokenOff', maxBytes);
  }
  if (!(error instanceof AttachmentStoreError) && databaseFault(error) === 'other') throw error;
  logger.warn({ err: error }, 'a file could not be stored');
  return unavailable;
}
