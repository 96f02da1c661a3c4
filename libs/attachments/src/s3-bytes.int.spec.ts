import { Readable } from 'node:stream';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { newId, type AttachmentId } from '@millrace/contracts';
import { eventually } from '@millrace/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { describeAttachmentBytes } from './attachment-bytes.fixture.js';
import { breakingAfter, collect, inPieces, randomBytesOf } from './content.fixture.js';
import { s3Bytes, type S3Bytes, type S3BytesOptions } from './s3-bytes.js';
import { startS3Server, type S3Server } from './s3-server.fixture.js';

const sixMebibytes = 6 * 1024 * 1024;
const newAttachment = async () => newId<AttachmentId>();
const optionsFor = (server: S3Server): S3BytesOptions => ({
  bucket: server.bucket,
  endpoint: server.endpoint,
  region: server.region,
  forcePathStyle: true,
  credentials: server.key,
});

describeAttachmentBytes('an S3-compatible store', async () => {
  const server = await startS3Server();
  const bytes = s3Bytes(optionsFor(server));
  return {
    bytes,
    newId: newAttachment,
    async close() {
      await bytes.close();
      await server.close();
    },
  };
});

const { S3_TEST_ENDPOINT, S3_TEST_BUCKET, S3_TEST_REGION, S3_TEST_ACCESS_KEY_ID, S3_TEST_SECRET_ACCESS_KEY } =
  process.env;
if (S3_TEST_ENDPOINT && S3_TEST_BUCKET && S3_TEST_ACCESS_KEY_ID && S3_TEST_SECRET_ACCESS_KEY) {
  describeAttachmentBytes('the S3 store that the environment names', async () => {
    const bytes = s3Bytes({
      bucket: S3_TEST_BUCKET,
      endpoint: S3_TEST_ENDPOINT,
      region: S3_TEST_REGION ?? 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: S3_TEST_ACCESS_KEY_ID, secretAccessKey: S3_TEST_SECRET_ACCESS_KEY },
    });
    return { bytes, newId: newAttachment, close: () => bytes.close() };
  });
}

describe('an S3-compatible store that is in trouble', () => {
  let server: S3Server;
  let bytes: S3Bytes;
  beforeAll(async () => {
    server = await startS3Server();
    bytes = s3Bytes(optionsFor(server));
  });
  afterEach(() => server.interfere(undefined));
  afterAll(async () => {
    await bytes.close();
    await server.close();
  });

  it('gives up the parts of an upload whose content fails', async () => {
    const content = breakingAfter(randomBytesOf(2 * sixMebibytes), new Error('gone'));
    await expect(bytes.write(newId(), content)).rejects.toThrow('gone');
    expect(server.requests).toContain('PUT uploadId');
    expect(server.pendingUploads()).toBe(0);
    expect(server.objects()).toEqual([]);
  });

  it('leaves nothing readable when the last part was taken but the answer was lost', async () => {
    const before = server.objects();
    server.interfere((operation) =>
      operation === 'POST uploadId' || operation === 'PUT'
        ? { status: 500, code: 'InternalError', after: true }
        : undefined,
    );
    for (const sizeBytes of [10, sixMebibytes])
      await expect(bytes.write(newId(), inPieces(randomBytesOf(sizeBytes)))).rejects.toMatchObject({
        fault: 'unavailable',
      });
    expect(server.objects()).toEqual(before);
  });

  it('repeats what the store refused for a moment', async () => {
    let refusals = 1;
    server.interfere(() => (refusals-- > 0 ? { status: 503, code: 'SlowDown' } : undefined));
    const id = newId<AttachmentId>();
    await bytes.write(id, inPieces(randomBytesOf(1_000)));
    expect(await collect(await bytes.read(id))).toHaveLength(1_000);
  });

  it('removes the parts that a killed process left with the rest of an attachment', async () => {
    server.interfere((operation) =>
      operation.endsWith('uploadId') && operation !== 'POST uploadId'
        ? { status: 400, code: 'InvalidRequest' }
        : undefined,
    );
    const id = newId<AttachmentId>();
    await expect(bytes.write(id, inPieces(randomBytesOf(sixMebibytes)))).rejects.toThrow('InvalidRequest');
    expect(server.pendingUploads()).toBe(1);
    server.interfere(undefined);
    await bytes.remove(id);
    expect(server.pendingUploads()).toBe(0);
  });

  it('names the place and the remedy in its errors, and no key', async () => {
    const { key } = server;
    const wrong = [
      { options: { credentials: { ...key, secretAccessKey: 'not the secret' } }, says: /SignatureDoesNotMatch.*keys/ },
      { options: { credentials: { ...key, accessKeyId: 'AKIAOTHER' } }, says: /InvalidAccessKeyId.*keys/ },
      { options: { bucket: 'no-such-bucket' }, says: /no-such-bucket.*NoSuchBucket.*S3_BUCKET/ },
      { options: { endpoint: 'http://127.0.0.1:1' }, says: /127\.0\.0\.1:1: ECONNREFUSED/ },
    ];
    for (const { options, says } of wrong) {
      const other = s3Bytes({ ...optionsFor(server), ...options });
      for (const attempt of [() => other.write(newId(), inPieces(randomBytesOf(9))), () => other.read(newId())]) {
        const error = await attempt().then(
          () => undefined,
          (reason: unknown) => reason as Error,
        );
        expect(error?.message).toMatch(says);
        expect(error).toMatchObject({ fault: 'unavailable' });
        const shown = JSON.stringify(error) + String(error?.stack) + String(error?.cause);
        for (const secret of [key.accessKeyId, key.secretAccessKey, 'not the secret', 'AKIAOTHER'])
          expect(shown).not.toContain(secret);
      }
      await other.close();
    }
  });

  it('gives its connections back when readers leave before the first byte or in the middle', async () => {
    const ownServer = await startS3Server();
    const id = newId<AttachmentId>();
    const own = s3Bytes(optionsFor(ownServer));
    await own.write(id, inPieces(randomBytesOf(4 * sixMebibytes)));
    (await own.read(id)).destroy();
    for await (const _ of await own.read(id)) break;
    await eventually(async () => expect(await ownServer.connections()).toBe(0));
    await own.close();
    await ownServer.close();
  });
});

describe('the stand-in of an S3-compatible store', () => {
  it('takes a body in aws-chunks with its checksum at the end, and refuses one that was changed', async () => {
    const server = await startS3Server();
    const client = new S3Client({
      endpoint: server.endpoint,
      region: server.region,
      forcePathStyle: true,
      credentials: server.key,
      maxAttempts: 1,
    });
    const put = (checksum: 'CRC32' | 'SHA1' | 'SHA256', length: number) =>
      client.send(
        new PutObjectCommand({
          Bucket: server.bucket,
          Key: `of ${checksum}+ä`,
          Body: Readable.from([randomBytesOf(65_536), randomBytesOf(34_464)]),
          ContentLength: length,
          ChecksumAlgorithm: checksum,
        }),
      );
    for (const checksum of ['CRC32', 'SHA1', 'SHA256'] as const) await put(checksum, 100_000);
    expect(server.objects()).toEqual(['of CRC32+ä', 'of SHA1+ä', 'of SHA256+ä']);
    await expect(put('CRC32', 99_999)).rejects.toThrow();
    client.destroy();
    await server.close();
  });
});
