import { randomUUID } from 'node:crypto';
import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from '@millrace/observability';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { nestLogger } from './nest-logger.js';
import { problem } from './problem.js';
import { errorAnswerer, ProblemFilter, replyProblem } from './problem-filter.js';
import { SchemaPipe } from './schema-pipe.js';

export interface HttpAppOptions {
  logger: Logger;
  /** Larger bodies are answered 413 while they come in. */
  maxBodyBytes: number;
  /** True only behind a proxy that sets `x-forwarded-for` itself. */
  trustProxy?: boolean | undefined;
}

/**
 * A Nest application on Fastify with what all HTTP apps share: a request id of our own in `x-request-id`, problem
 * details for every error, schemas of parameters checked. Nothing listens yet. Register plain Fastify plugins on
 * `app.getHttpAdapter().getInstance()`: of the above only the request id and the error answers touch them.
 */
export async function createHttpApp(module: Type, options: HttpAppOptions): Promise<NestFastifyApplication> {
  // Loaded here, because most processes serve no HTTP, and Fastify takes memory.
  const { ProblemAdapter } = await import('./problem-adapter.js');
  const answerError = errorAnswerer(options.logger);
  const adapter = new ProblemAdapter({
    bodyLimit: options.maxBodyBytes,
    trustProxy: options.trustProxy ?? false,
    // An id that the caller chose could collide with another or forge lines of the log.
    requestIdHeader: false,
    genReqId: () => randomUUID(),
    logger: false,
    // The router refuses a malformed URL before any hook runs.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      reply.header('x-request-id', request.id);
      answerError(error, request, reply);
    },
  });
  const fastify = adapter.getInstance();
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
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

/** Starts to listen and returns the port, which matters when `port` is 0. */
export async function listenHttp(
  app: NestFastifyApplication,
  address: { host: string; port: number },
): Promise<number> {
  await app.listen(address.port, address.host);
  const bound = app.getHttpServer().address();
  return typeof bound === 'object' && bound !== null ? bound.port : address.port;
}
