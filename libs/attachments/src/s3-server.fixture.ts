import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readCheckedBody } from './s3-body.fixture.js';
import { checkSignature, S3Refusal, type S3Key } from './s3-signature.fixture.js';

interface StoredObject {
  bytes: Buffer;
  etag: string;
  checksums: Record<string, string>;
}

interface PendingUpload {
  key: string;
  parts: Map<number, StoredObject>;
}

/** A strict stand-in of an S3-compatible store: path-style addresses, one bucket, everything in memory. */
export interface S3Server {
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly key: S3Key;
  /** Keys of the objects that can be read. */
  objects(): string[];
  /** Uploads in parts that are neither completed nor aborted. */
  pendingUploads(): number;
  /** Connections of clients that are open. */
  connections(): Promise<number>;
  /** Requests so far, such as `PUT` or `POST uploads`. */
  readonly requests: string[];
  /** Refuses a request before anything of it is carried out, or `after` it was, so that its answer is lost. */
  interfere(
    rule: ((operation: string) => { code: string; status: number; after?: boolean } | undefined) | undefined,
  ): void;
  close(): Promise<void>;
}

const smallestPartBytes = 5 * 1024 * 1024;

/** Starts the stand-in on a port of its own. */
export async function startS3Server(): Promise<S3Server> {
  const bucket = 'attachments-of-tests';
  const region = 'eu-central-1';
  const key = { accessKeyId: 'AKIATEST', secretAccessKey: randomUUID() };
  const objects = new Map<string, StoredObject>();
  const uploads = new Map<string, PendingUpload>();
  const requests: string[] = [];
  let rule: Parameters<S3Server['interfere']>[0];

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://store');
    const query = url.searchParams;
    const operation = [request.method, ...['uploads', 'uploadId'].filter((name) => query.has(name))].join(' ');
    requests.push(operation);
    checkSignature(request, key, region);
    const { bytes, checksums } = await readCheckedBody(request);
    const refused = rule?.(operation);
    if (refused && !refused.after) throw new S3Refusal(refused.status, refused.code);
    const [, inBucket, ...rest] = url.pathname.split('/').map(decodeURIComponent);
    if (inBucket !== bucket) throw new S3Refusal(404, 'NoSuchBucket');
    carryOut(operation, { name: rest.join('/'), query, bytes, checksums, request, response, refused });
  }

  function carryOut(operation: string, call: S3Call): void {
    const { name, query, bytes, checksums, request } = call;
    const upload = uploads.get(query.get('uploadId') ?? '');
    if (query.has('uploadId') && upload?.key !== name) throw new S3Refusal(404, 'NoSuchUpload');
    const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
    switch (operation) {
      case 'PUT':
        objects.set(name, { bytes, etag, checksums });
        return answer(call, 200, { etag, ...checksums });
      case 'GET':
      case 'HEAD':
        return answerObject(call, objects.get(name));
      case 'DELETE':
        objects.delete(name);
        return answer(call, 204);
      case 'GET uploads': {
        const prefix = query.get('prefix') ?? '';
        const pending = [...uploads].filter(([, one]) => one.key.startsWith(prefix));
        const found = pending.map(([id, one]) => `<Upload><Key>${one.key}</Key><UploadId>${id}</UploadId></Upload>`);
        return answer(call, 200, xml, `<ListMultipartUploadsResult>${found.join('')}</ListMultipartUploadsResult>`);
      }
      case 'POST uploads': {
        const id = randomUUID();
        uploads.set(id, { key: name, parts: new Map() });
        const begun = `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`;
        return answer(call, 200, xml, begun);
      }
      case 'PUT uploadId':
        upload?.parts.set(Number(query.get('partNumber')), { bytes, etag, checksums });
        return answer(call, 200, { etag, ...checksums });
      case 'POST uploadId': {
        const whole = complete(upload?.parts ?? new Map(), bytes.toString());
        objects.set(name, whole);
        uploads.delete(query.get('uploadId') ?? '');
        const done = `<CompleteMultipartUploadResult><ETag>${whole.etag}</ETag></CompleteMultipartUploadResult>`;
        return answer(call, 200, xml, done);
      }
      case 'DELETE uploadId':
        uploads.delete(query.get('uploadId') ?? '');
        return answer(call, 204);
      default:
        throw new S3Refusal(501, 'NotImplemented', `${request.method} ${request.url}`);
    }
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      const { status, code, message } = error instanceof S3Refusal ? error : new S3Refusal(500, 'InternalError');
      // Like Amazon's, it repeats the key of the caller.
      const text = `<Error><Code>${code}</Code><Message>${message}</Message><AWSAccessKeyId>${key.accessKeyId}</AWSAccessKeyId></Error>`;
      response.writeHead(status, { ...xml, connection: 'close' }).end(request.method === 'HEAD' ? '' : text);
      request.resume();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bucket,
    region,
    key,
    objects: () => [...objects.keys()],
    pendingUploads: () => uploads.size,
    connections: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
      }),
    requests,
    interfere: (next) => {
      rule = next;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

interface S3Call {
  name: string;
  query: URLSearchParams;
  bytes: Buffer;
  checksums: Record<string, string>;
  request: IncomingMessage;
  response: ServerResponse;
  refused: { code: string; status: number } | undefined;
}

const xml = { 'content-type': 'application/xml' };

function answer(
  call: S3Call,
  status: number,
  headers: Record<string, string> = {},
  body: string | Uint8Array = '',
): void {
  if (call.refused) throw new S3Refusal(call.refused.status, call.refused.code);
  call.response.writeHead(status, headers).end(body);
}

function answerObject(call: S3Call, object: StoredObject | undefined): void {
  if (!object) throw new S3Refusal(404, 'NoSuchKey');
  const { bytes, etag, checksums } = object;
  const length = (of: Buffer) => ({ 'content-length': String(of.length), etag });
  const { range } = call.request.headers;
  if (call.request.method === 'HEAD') return answer(call, 200, length(bytes));
  if (range === undefined) return answer(call, 200, { ...length(bytes), ...checksums }, bytes);
  const [, from = '', to = ''] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [];
  if (from === '' || Number(from) >= bytes.length) throw new S3Refusal(416, 'InvalidRange');
  const part = bytes.subarray(Number(from), Number(to) + 1);
  const end = Number(from) + part.length - 1;
  answer(call, 206, { ...length(part), 'content-range': `bytes ${from}-${end}/${bytes.length}` }, part);
}

/** Puts parts together as `CompleteMultipartUpload` lists them. */
function complete(parts: ReadonlyMap<number, StoredObject>, list: string): StoredObject {
  const listed = [...list.matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, fields = '']) => {
    const field = (name: string) =>
      new RegExp(`<${name}>(.*?)</${name}>`).exec(fields)?.[1]?.replaceAll('&quot;', '"').replaceAll('&#34;', '"');
    return { number: Number(field('PartNumber')), etag: field('ETag'), crc32: field('ChecksumCRC32') };
  });
  if (listed.length === 0) throw new S3Refusal(400, 'MalformedXML');
  const chosen = listed.map(({ number, etag, crc32 }, index) => {
    if (number <= (listed[index - 1]?.number ?? 0)) throw new S3Refusal(400, 'InvalidPartOrder');
    const part = parts.get(number);
    if (!part || part.etag !== etag || part.checksums['x-amz-checksum-crc32'] !== crc32)
      throw new S3Refusal(400, 'InvalidPart', `part ${number}`);
    if (index < listed.length - 1 && part.bytes.length < smallestPartBytes) throw new S3Refusal(400, 'EntityTooSmall');
    return part;
  });
  const bytes = Buffer.concat(chosen.map((part) => part.bytes));
  const digests = chosen.map((part) => Buffer.from(part.etag.slice(1, -1), 'hex'));
  const etag = `"${createHash('md5').update(Buffer.concat(digests)).digest('hex')}-${chosen.length}"`;
  return { bytes, etag, checksums: {} };
}
