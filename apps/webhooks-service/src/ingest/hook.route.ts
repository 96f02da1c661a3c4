import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { RunId } from '@millrace/contracts';
import { answerTo, type Answer, type TransportFault } from './answer.js';
import { ingest, newRequestId, type IngestDeps } from './ingest.js';

export interface HookRouteOptions extends IngestDeps {
  maxBodyBytes: number;
  /** What webhook URLs begin with, as senders see it. What a call says of its host is not trusted. */
  publicUrl: string;
}

interface HookParams {
  flowId: string;
  '*'?: string;
}

/**
 * The data plane as a plain Fastify plugin: no Nest guard, pipe or interceptor runs on it. It reads every body as
 * bytes, whatever its content type, and never compares or forwards a parsed form of it.
 */
export async function hookRoute(fastify: FastifyInstance, options: HookRouteOptions): Promise<void> {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: options.maxBodyBytes }, (_request, body, done) =>
    done(null, body),
  );
  fastify.setErrorHandler((error, _request, reply) => {
    const fault = transportFault(error, options.maxBodyBytes);
    if (fault.outcome === 'failed') options.logger.error({ err: error }, 'call failed');
    return send(reply, answerTo(fault, newRequestId()));
  });

  async function handle(request: FastifyRequest<{ Params: HookParams }>, reply: FastifyReply): Promise<FastifyReply> {
    const requestId: RunId = newRequestId();
    const result = await ingest(options, {
      requestId,
      flowId: request.params.flowId,
      method: request.method,
      url: options.publicUrl + request.url,
      path: extraPath(request.params['*']),
      query: { ...(request.query as Record<string, string | string[]>) },
      headers: request.headers,
      body: Buffer.isBuffer(request.body) ? request.body : empty,
    });
    return send(reply, answerTo(result, requestId));
  }

  for (const url of ['/hook/:flowId', '/hook/:flowId/*']) {
    fastify.route({ method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'], url, handler: handle });
  }
}

/** An address that cannot even be read gets the answer of every other at which no flow runs. */
export function answerUnknownFlow(reply: FastifyReply): FastifyReply {
  return send(reply, answerTo({ outcome: 'unknownFlow' }, newRequestId()));
}

const empty = Buffer.alloc(0);

function extraPath(rest: string | undefined): string {
  return rest === undefined ? '' : `/${rest}`;
}

function send(reply: FastifyReply, answer: Answer): FastifyReply {
  return reply.code(answer.status).headers(answer.headers).send(answer.body);
}

function transportFault(error: unknown, limitBytes: number): TransportFault {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  if (status === 413) return { outcome: 'tooLarge', limitBytes };
  if (typeof status === 'number' && status >= 400 && status < 500) return { outcome: 'malformed' };
  return { outcome: 'failed' };
}
