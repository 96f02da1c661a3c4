import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import type { AttachmentId } from '@millrace/contracts';
import type { AttachmentBytes } from './attachment-bytes.js';
import { AttachmentStoreError } from './attachment-store-error.js';
import { measure } from './content.js';
import { nameOf, s3Error } from './s3-error.js';

export interface S3BytesOptions {
  bucket: string;
  /** Where the store is; Amazon's when it is missing. */
  endpoint: string | undefined;
  region: string;
  /** The bucket is in the path of the URLs, not in their host. */
  forcePathStyle: boolean;
  /** Without them the usual provider chain of the AWS tools is asked. */
  credentials: { accessKeyId: string; secretAccessKey: string } | undefined;
}

/** Keeps connections of its own. */
export interface S3Bytes extends AttachmentBytes {
  close(): Promise<void>;
}

/** The smallest that S3 takes. One part, and what comes in for the next, is in memory at a time. */
const partBytes = 5 * 1024 * 1024;
const connectTimeoutMs = 5_000;
const requestTimeoutMs = 60_000;
/** Also cuts off a reader who takes nothing for that long. */
const idleTimeoutMs = 120_000;
/** A slow reader holds one. */
const maxConnections = 256;

/**
 * Keeps the bytes in a bucket of an S3-compatible store, one object each: in one request up to 5 MiB, else in parts. The
 * client is loaded with the first use, because it takes memory that other processes need not pay.
 */
export function s3Bytes(options: S3BytesOptions): S3Bytes {
  const place = `S3 bucket ${options.bucket}${options.endpoint ? ` at ${new URL(options.endpoint).host}` : ''}`;
  const addressOf = (id: AttachmentId) => ({ Bucket: options.bucket, Key: `attachments/${id}` });
  let loading: Promise<LoadedS3> | undefined;
  const load = () => (loading ??= loadS3(options));

  /** Parts of an upload that a killed process left take space, though nobody can read them. */
  async function removeParts({ s3, client }: LoadedS3, id: AttachmentId): Promise<void> {
    const { Bucket, Key } = addressOf(id);
    const { Uploads = [] } = await client.send(new s3.ListMultipartUploadsCommand({ Bucket, Prefix: Key }));
    for (const { UploadId } of Uploads) {
      const parts = new s3.AbortMultipartUploadCommand({ Bucket, Key, UploadId });
      await client.send(parts).catch((error: unknown) => {
        if (nameOf(error) !== 'NoSuchUpload') throw error;
      });
    }
  }

  return {
    async write(id, content) {
      const { client, s3, Upload } = await load();
      const passing = measure(content);
      const body = Readable.from(kept(passing.bytes()), { objectMode: false });
      const params = { ...addressOf(id), Body: body, ContentType: 'application/octet-stream' };
      try {
        await new Upload({ client, params, partSize: partBytes, queueSize: 1 }).done();
        return passing.measured();
      } catch (error) {
        body.destroy();
        // The answer to a request that was carried out may have been lost. What cannot be removed now is removed
        // later, with its row.
        await client.send(new s3.DeleteObjectCommand(addressOf(id))).catch(() => undefined);
        throw passing.failure ? passing.failure.error : s3Error(error, `storing attachment ${id}`, place);
      }
    },

    async read(id, range) {
      const { client, s3 } = await load();
      const Range = range && `bytes=${range.from}-${range.to}`;
      try {
        const { Body } = await client.send(new s3.GetObjectCommand({ ...addressOf(id), ...(Range && { Range }) }));
        if (Body instanceof Readable) return Body;
      } catch (error) {
        throw s3Error(error, `reading attachment ${id}`, place);
      }
      throw new AttachmentStoreError('unavailable', `reading attachment ${id} failed at ${place}: no content.`);
    },

    async remove(id) {
      const loaded = await load();
      try {
        await loaded.client.send(new loaded.s3.DeleteObjectCommand(addressOf(id)));
        await removeParts(loaded, id);
      } catch (error) {
        throw s3Error(error, `removing attachment ${id}`, place);
      }
    },

    async close() {
      (await loading)?.client.destroy();
    },
  };
}

/** The client gathers pieces to parts, and asks for the next ones meanwhile: these are its own. */
async function* kept(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  for await (const piece of content) yield Buffer.from(piece);
}

interface LoadedS3 {
  client: S3Client;
  s3: typeof import('@aws-sdk/client-s3');
  Upload: typeof import('@aws-sdk/lib-storage').Upload;
}

async function loadS3({ endpoint, region, forcePathStyle, credentials }: S3BytesOptions): Promise<LoadedS3> {
  const [s3, { Upload }] = await Promise.all([import('@aws-sdk/client-s3'), import('@aws-sdk/lib-storage')]);
  const agent = { keepAlive: true, maxSockets: maxConnections };
  const client = new s3.S3Client({
    region,
    forcePathStyle,
    ...(endpoint && { endpoint }),
    ...(credentials && { credentials }),
    requestHandler: {
      connectionTimeout: connectTimeoutMs,
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
      socketTimeout: idleTimeoutMs,
      httpAgent: agent,
      httpsAgent: agent,
    },
  });
  return { client, s3, Upload };
}
