import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { parseId, type AttachmentId } from '@millrace/contracts';
import type { Logger } from '@millrace/observability';
import { databaseFault } from '@millrace/persistence';
import type { AttachmentStore, StoredAttachment } from './attachment-store.js';
import { AttachmentStoreError } from './attachment-store-error.js';
import { attachmentDisposition } from './content-disposition.js';
import type { FileUrls } from './file-urls.js';
import { readRangeHeader } from './range-header.js';

export interface FileRouteOptions {
  attachments: Pick<AttachmentStore, 'open'>;
  urls: Pick<FileUrls, 'check'>;
  logger: Logger;
}

type FileRequest = FastifyRequest<{ Params: { id: string } }>;

/** Every refusal that a reader can get. The codes are public. */
const refusals = {
  wrong_signature: { status: 403, message: 'This link is not complete, or was changed.' },
  link_expired: { status: 410, message: 'This link is not good any more.' },
  not_found: { status: 404, message: 'There is no such file.' },
  range_not_satisfiable: { status: 416, message: 'The file is shorter than the range that was asked for.' },
  unavailable: { status: 503, message: 'The file cannot be read at the moment. Try again.' },
  internal_error: { status: 500, message: 'Something went wrong on our side.' },
} as const;

// What is in a file comes from outside: a browser shall save it, neither guess its type nor run it, nor lend it to
// another page, and no cache on the way shall keep it beyond its link.
const safeHeaders = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "sandbox; default-src 'none'",
  'cache-control': 'private, no-store',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
};

/**
 * GET and HEAD of signed file URLs, as a plain Fastify plugin. Whoever has the URL may read; nothing else of a request
 * counts. Bytes are read as the caller takes them, and reading stops when the caller is gone.
 */
export async function fileRoute(fastify: FastifyInstance, options: FileRouteOptions): Promise<void> {
  fastify.setErrorHandler((error, _request, reply) => {
    const code = refusalOf(error);
    if (code === 'internal_error') options.logger.error({ err: error }, 'file could not be read');
    else options.logger.warn({ err: error }, 'file could not be read');
    return refuse(reply, code);
  });

  fastify.route({
    method: ['GET', 'HEAD'],
    url: '/files/:id',
    handler: async (request: FileRequest, reply) => {
      const verdict = options.urls.check(request.params.id, request.query);
      if (verdict !== 'ok') return refuse(reply, verdict === 'expired' ? 'link_expired' : 'wrong_signature');
      const id = parseId<AttachmentId>(request.params.id);
      const file = id && (await options.attachments.open(id));
      return file ? answer(request, reply, file) : refuse(reply, 'not_found');
    },
  });
}

async function answer(request: FileRequest, reply: FastifyReply, file: StoredAttachment): Promise<FastifyReply> {
  const { headers } = request;
  const etag = `"${file.sha256.toString('hex')}"`;
  void reply.headers({
    ...safeHeaders,
    etag,
    'accept-ranges': 'bytes',
    'content-type': contentTypeOf(file),
    'content-disposition': attachmentDisposition(file.name),
  });
  if (namesEtag(headers['if-none-match'], etag)) return reply.code(304).send();

  const isRangeMeant = request.method === 'GET' && (headers['if-range'] ?? etag) === etag;
  const range = isRangeMeant ? readRangeHeader(headers.range, file.sizeBytes) : undefined;
  if (range === 'unsatisfiable') {
    void reply.header('content-range', `bytes */${file.sizeBytes}`);
    return refuse(reply, 'range_not_satisfiable');
  }
  const lengthBytes = range ? range.to - range.from + 1 : file.sizeBytes;
  // Nothing is read for HEAD; the headers are those of GET.
  const content = request.method === 'HEAD' ? undefined : await file.read(range);
  // The caller may be gone by now, and nothing would end the stream.
  if (request.raw.socket.destroyed) content?.destroy();
  void reply.header('content-length', lengthBytes);
  if (range) void reply.code(206).header('content-range', `bytes ${range.from}-${range.to}/${file.sizeBytes}`);
  return reply.send(content);
}

function refuse(reply: FastifyReply, code: keyof typeof refusals): FastifyReply {
  const { status, message } = refusals[code];
  for (const name of ['content-disposition', 'etag', 'accept-ranges', 'content-length']) reply.removeHeader(name);
  if (code === 'unavailable') void reply.header('retry-after', '5');
  return reply
    .code(status)
    .headers({ ...safeHeaders, 'content-type': 'application/json; charset=utf-8' })
    .send(JSON.stringify({ code, message }));
}

function refusalOf(error: unknown): keyof typeof refusals {
  if (error instanceof AttachmentStoreError) return error.fault === 'missing' ? 'not_found' : 'unavailable';
  return databaseFault(error) === 'transient' ? 'unavailable' : 'internal_error';
}

/** The type as the sender named it, if a header can hold it. */
function contentTypeOf({ contentType }: StoredAttachment): string {
  const isSafe = /^[!#$&^\w.+-]{1,100}\/[!#$&^\w.+-]{1,100}(?:;[ -~]{0,300})?$/.test(contentType);
  return isSafe ? contentType : 'application/octet-stream';
}

function namesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((one) => one.trim().replace(/^W\//, '') === etag || one.trim() === '*');
}
