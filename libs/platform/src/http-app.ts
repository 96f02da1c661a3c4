import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from '@millrace/observability';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { nestLogger } from './nest-logger.js';
import { problem } from './problem.js';
import { errorAnswerer, ProblemFilter, replyProblem } from './problem-filter.js';
import { SchemaPipe } from './schema-pipe.js';
import { trustOf, type TrustProxy } from '@millrace/process';

export interface HttpAppOptions {
  logger: Logger;
  /** Larger bodies are answered 413 while they come in. */
  maxBodyBytes: number;
  /** Whose `x-forwarded-*` headers are believed; default nobody's. */
  trustProxy?: TrustProxy | undefined;
  /** A request that has not come in completely within this time is answered 408 and cut off; default 30 s. */
  requestTimeoutMs?: number | undefined;
  /**
   * Answers a request whose URL the router cannot read (such as `/%zz`): no hook and no route sees it. The request id
   * and headers that keep browsers safe are set and may be replaced. Without it problem details are answered.
   */
  answerUnroutable?: AnswerUnroutable | undefined;
  /** Makes the id of each request, which is `request.id`; default is a random UUID. */
  makeRequestId?: (() => string) | undefined;
  /** The header, in lower case, with which every answer names the request id; default `x-request-id`. */
  requestIdHeader?: string | undefined;
  /**
   * Answers what Node's HTTP parser refuses: malformed or too large headers, a request over its time. There is no request
   * yet, only the connection, which must be ended. Default is Fastify's JSON.
   */
  answerUnreadable?: AnswerUnreadable | undefined;
  /** True: a request on a connection that is still open while the app closes is taken; default is Fastify's 503. */
  takesRequestsWhileClosing?: boolean | undefined;
}

export type AnswerUnroutable = (request: FastifyRequest, reply: FastifyReply) => void;
export type AnswerUnreadable = (error: NodeJS.ErrnoException, socket: Socket) => void;

const defaultRequestTimeoutMs = 30_000;
const headersTimeoutMs = 15_000;
/** Longer than the 60 s after which the usual proxies drop an idle connection, so that they never reuse one that is closing. */
const keepAliveTimeoutMs = 72_000;
/** How often Node looks for requests that are over their time. */
const timeoutCheckEveryMs = 2_000;
/** Node takes 16 KiB of headers, the URL included, so no segment of a path can be longer. */
const maxParamLength = 16 * 1024;

const unroutableHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/**
 * A Nest application on Fastify with what all HTTP apps share: a request id of our own in `x-request-id`, problem
 * details for every error, schemas of parameters checked. Nothing listens yet. Register plain Fastify plugins on
 * `app.getHttpAdapter().getInstance()`: of the above only the request id and the error answers touch them.
 */
export async function createHttpApp(module: Type, options: HttpAppOptions): Promise<NestFastifyApplication> {
  // Loaded here, because most processes serve no HTTP, and Fastify takes memory.
  const { ProblemAdapter } = await import('./problem-adapter.js');
  const { requestTimeoutMs = defaultRequestTimeoutMs, answerUnroutable = refuseUnroutable } = options;
  const { makeRequestId = randomUUID, requestIdHeader = 'x-request-id', answerUnreadable } = options;
  const answerError = errorAnswerer(options.logger);
  const adapter = new ProblemAdapter({
    bodyLimit: options.maxBodyBytes,
    trustProxy: trustOf(options.trustProxy ?? 'none'),
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    http: {
      requestTimeout: requestTimeoutMs,
      headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
      connectionsCheckingInterval: Math.min(timeoutCheckEveryMs, requestTimeoutMs),
    },
    routerOptions: { maxParamLength },
    // An id that the caller chose could collide with another or forge lines of the log.
    requestIdHeader: false,
    genReqId: () => makeRequestId(),
    return503OnClosing: options.takesRequestsWhileClosing !== true,
    ...(answerUnreadable ? { clientErrorHandler: answerUnreadable } : {}),
    logger: false,
    // The router refuses a malformed URL before any hook runs.
    frameworkErrors: (_error: Error, request: FastifyRequest, reply: FastifyReply) => {
      reply.headers({ ...unroutableHeaders, [requestIdHeader]: request.id });
      answerUnroutable(request, reply);
    },
  });
  const fastify = adapter.getInstance();
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.header(requestIdHeader, request.id);
    done();
  });
  fastify.setErrorHandler(answerError);
  fastify.setNotFoundHandler((_request, reply) => replyProblem(reply, problem('not_found')));
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: nestLogger(options.logger),
    abortOnError: false,
  });
  app.useGlobalFilters(new ProblemFilter(answerError));
  app.useGlobalPipes(new SchemaPipe());
  return app;
}

// The error of the router repeats the URL, which may hold a secret.
function refuseUnroutable(_request: FastifyRequest, reply: FastifyReply): void {
  replyProblem(reply, problem('invalid_request', { detail: 'The URL of the request cannot be read.' }));
}

/** Starts to listen and returns the port, which matters when `port` is 0. */
export async function listenHttp(
  app: NestFastifyApplication,
  address: { host: string; port: number },
): Promise<number> {
  await app.listen(address.port, address.host);
  const bound = app.getHttpServer().address();
  return typeof bound === 'object' && bound !== null ? bound.port : address.port;
}
