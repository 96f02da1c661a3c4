import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Logger } from '@millrace/observability';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { commonProblems, problem, ProblemError, type CommonProblemCode } from './problem.js';

/** The body of an answer in problem details (RFC 9457). */
interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  code: string;
  detail?: string;
  /** The id under which the process log has this request; also in the header `x-request-id`. */
  requestId: string;
  [member: string]: unknown;
}

/**
 * Turns whatever the handling of a request threw into the problem that the caller sees. What is not known is an
 * `internal_error`: its cause goes to the log and nowhere else.
 */
export function toProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  const source = error instanceof HttpException && error.cause instanceof Error ? error.cause : error;
  const status = error instanceof HttpException ? error.getStatus() : clientStatus(source);
  if (status === undefined || status >= 500) return problem(status === 503 ? 'unavailable' : 'internal_error');
  const message = source instanceof Error ? source.message : undefined;
  if (status === 400 && isJsonFault(source)) return problem('invalid_json', { detail: message });
  const code = codeOfStatus(status);
  if (code) return problem(code, { detail: message });
  return new ProblemError(status, 'invalid_request', commonProblems.invalid_request.title, { detail: message });
}

/** The document that stands for a problem. */
function problemDocument(error: ProblemError, requestId: string): ProblemDocument {
  return {
    ...error.extra,
    type: `urn:millrace:problem:${error.code}`,
    title: error.title,
    status: error.status,
    code: error.code,
    ...(error.detail === undefined ? {} : { detail: error.detail }),
    requestId,
  };
}

/** Answers with problem details. The status, the headers and the body are set; a sent answer is left alone. */
export function replyProblem(reply: FastifyReply, error: ProblemError): void {
  if (reply.sent || reply.raw.headersSent) return;
  void reply
    .code(error.status)
    .headers({ ...error.headers })
    .type('application/problem+json')
    .send(problemDocument(error, reply.request.id));
}

export type AnswerError = (error: unknown, request: FastifyRequest, reply: FastifyReply) => void;

/** Answers any error as problem details; what is a fault of ours is logged with the request id. */
export function errorAnswerer(logger: Logger): AnswerError {
  return (error, request, reply) => {
    const answer = toProblem(error);
    if (answer.status >= 500 && !(error instanceof ProblemError)) {
      logger.error(
        { err: error, requestId: request.id, method: request.method, route: request.routeOptions?.url },
        'request failed',
      );
    }
    replyProblem(reply, answer);
  };
}

/** Gives what a Nest route throws to the same answerer that Fastify's own errors go to. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly answerError: AnswerError) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answerError(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }
}

const codes = new Map<number, CommonProblemCode>(
  Object.entries(commonProblems)
    .filter(([code]) => code !== 'invalid_json')
    .map(([code, { status }]) => [status, code as CommonProblemCode]),
);

function codeOfStatus(status: number): CommonProblemCode | undefined {
  return codes.get(status);
}

/** Only Fastify's own errors speak of the caller's request; an upstream's status code on an error does not. */
function clientStatus(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number') return undefined;
  const ours =
    error.name === 'FastifyError' || ('code' in error && String(error.code).startsWith('FST_')) || isJsonFault(error);
  return ours ? error.statusCode : undefined;
}

function isJsonFault(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return (
    error instanceof SyntaxError || code === 'FST_ERR_CTP_INVALID_JSON_BODY' || code === 'FST_ERR_CTP_EMPTY_JSON_BODY'
  );
}
