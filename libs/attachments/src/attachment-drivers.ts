import type { AttachmentPlace, Database } from '@millrace/persistence';
import type { AttachmentBytes } from './attachment-bytes.js';
import { AttachmentStoreError } from './attachment-store-error.js';
import { postgresBytes } from './postgres-bytes.js';
import { s3Bytes } from './s3-bytes.js';
import type { AttachmentSettings } from './settings.js';

/** The places that this process can use. */
export interface AttachmentDrivers {
  /** Where new files go. */
  readonly store: AttachmentPlace;
  /** All places whose files can be read. */
  places(): AttachmentPlace[];
  /** The driver of a place. @throws AttachmentStoreError when this process was not told of it. */
  of(place: AttachmentPlace): AttachmentBytes;
  /** Gives up connections of its own; those of the database are the caller's. */
  close(): Promise<void>;
}

/**
 * The drivers that the settings ask for. With a bucket in the settings what S3 keeps stays readable, also when new files
 * go to Postgres; the other way round it always does.
 */
export function openAttachmentBytes(settings: AttachmentSettings, database: Database): AttachmentDrivers {
  const { S3_BUCKET: bucket, S3_ENDPOINT: endpoint, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY } = settings;
  const credentials =
    S3_ACCESS_KEY_ID && S3_SECRET_ACCESS_KEY
      ? { accessKeyId: S3_ACCESS_KEY_ID, secretAccessKey: S3_SECRET_ACCESS_KEY }
      : undefined;
  const s3 = bucket
    ? s3Bytes({
        bucket,
        endpoint,
        region: settings.S3_REGION,
        forcePathStyle: settings.S3_FORCE_PATH_STYLE ?? endpoint !== undefined,
        credentials,
      })
    : undefined;
  const drivers = new Map<AttachmentPlace, AttachmentBytes>([['postgres', postgresBytes(database)]]);
  if (s3) drivers.set('s3', s3);
  return {
    store: settings.ATTACHMENTS,
    places: () => [...drivers.keys()],
    of(place) {
      const driver = drivers.get(place);
      if (driver) return driver;
      const remedy = place === 's3' ? 'set S3_BUCKET and what belongs to it' : 'give it a database';
      throw new AttachmentStoreError('notConfigured', `This process has no attachment store "${place}": ${remedy}.`);
    },
    close: async () => s3?.close(),
  };
}
