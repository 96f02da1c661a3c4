import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { answerTo, type IngestResult } from '../answers/answer.js';
import { refused } from '../answers/refusals.js';
import { sendAnswer } from '../answers/send.js';
import type { Call } from '../ingest/call.js';
import { headFault } from '../ingest/head-fault.js';
import { callOf } from '../ingest/hook.route.js';
import { resume, type ResumeDeps } from './resume.js';

export interface ResumeRouteOptions extends ResumeDeps {
  /** What resume URLs begin with, as callers see it. */
  publicUrl: string;
  /** From when on connections are closed with their next answer. */
  closing: () => boolean;
}

type ResumeRequest = FastifyRequest<{ Params: { token?: string; '*'?: string } }>;

/**
 * The URLs that resume waiting steps, beside the webhook URLs and taken like them: in a hook, before Fastify looks at the
 * body. Register it after those, which let Fastify hand on every method.
 */
export async function resumeRoute(fastify: FastifyInstance, options: ResumeRouteOptions): Promise<void> {
  const take = (request: FastifyRequest, reply: FastifyReply): void =>
    takeCall(options, request as ResumeRequest, reply);
  for (const url of ['/resume/:token', '/resume/:token/*']) {
    fastify.route({ method: fastify.supportedMethods, url, onRequest: take, handler: take });
  }
}

function takeCall(options: ResumeRouteOptions, request: ResumeRequest, reply: FastifyReply): void {
  reply.hijack();
  const { token = '', '*': rest } = request.params;
  const call = callOf(request, reply, { publicUrl: options.publicUrl, rest });
  const fault = headFault(request.raw);
  if (fault) {
    finish(options, call, fault);
    return;
  }
  resume(options, call, token).then(
    (result) => finish(options, call, result),
    (error: unknown) => {
      options.logger.error({ err: error, requestId: call.requestId }, 'a call of a resume URL failed');
      finish(options, call, refused('internal_error'));
    },
  );
}

function finish(options: ResumeRouteOptions, call: Call, result: IngestResult): void {
  const answer = answerTo(result, call.requestId);
  if (!answer) return;
  sendAnswer(call.message, call.response, answer, options.closing() || answer.status === 408);
}
