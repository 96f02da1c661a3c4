import { METHODS } from 'node:http';
import { newId, requestIdOf, type RunId } from '@millrace/contracts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { answerTo, type IngestResult } from '../answers/answer.js';
import { refused } from '../answers/refusals.js';
import { sendAnswer } from '../answers/send.js';
import { isRecorded, rejectionOf } from '../rejections/rejection-of.js';
import type { RejectionLog } from '../rejections/rejection-log.js';
import type { Call } from './call.js';
import { corsHeaders } from './cors.js';
import { headFault } from './head-fault.js';
import { ingest, type IngestDeps } from './ingest.js';

export interface HookRouteOptions extends IngestDeps {
  rejections: Pick<RejectionLog, 'record'>;
  /** What webhook URLs begin with, as senders see it. What a call says of its host is not trusted. */
  publicUrl: string;
  /** From when on connections are closed with their next answer. */
  closing: () => boolean;
}

type HookRequest = FastifyRequest<{ Params: { flowId?: string; '*'?: string } }>;

/** A new request id as callers see it: the id of the run, without its dashes. */
export function makeRequestId(): string {
  return requestIdOf(newId<RunId>());
}

/** Of an id that was made above: there is nothing to check. */
function runIdOf(id: string): RunId {
  return `${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20)}` as RunId;
}

/**
 * The data plane on Fastify's router alone: no Nest guard, pipe or interceptor runs on it, and calls are taken in a hook
 * before Fastify looks at their bodies. It would read them before the flow is known, and refuse content types itself.
 */
export async function hookRoute(fastify: FastifyInstance, options: HookRouteOptions): Promise<void> {
  const take = (request: FastifyRequest, reply: FastifyReply): void => takeCall(options, request as HookRequest, reply);
  // Whatever Node can read is answered by the flow, be it only with the methods that it takes.
  for (const method of METHODS) {
    if (method !== 'CONNECT' && !fastify.supportedMethods.includes(method)) fastify.addHttpMethod(method);
  }
  for (const url of ['/hook/:flowId', '/hook/:flowId/*']) {
    // The handler is never reached: the hook takes the answer over.
    fastify.route({ method: fastify.supportedMethods, url, onRequest: take, handler: take });
  }
  const elsewhere = { onRequest: answerUnknownFlow, handler: answerUnknownFlow };
  fastify.route({ method: fastify.supportedMethods, url: '/*', ...elsewhere });
}

/** An address that is not a webhook's, or cannot even be read, gets the answer of every other at which no flow runs. */
export function answerUnknownFlow(request: FastifyRequest, reply: FastifyReply): void {
  reply.hijack();
  const answer = answerTo(refused('not_found'), request.id);
  if (answer) sendAnswer(request.raw, reply.raw, answer, false);
}

function takeCall(options: HookRouteOptions, request: HookRequest, reply: FastifyReply): void {
  reply.hijack();
  const { flowId, '*': rest } = request.params;
  const call = callOf(request, reply, { publicUrl: options.publicUrl, rest, flowId });
  const fault = headFault(request.raw);
  if (fault) {
    finish(options, call, fault);
    return;
  }
  ingest(options, call).then(
    (result) => finish(options, call, result),
    (error: unknown) => {
      options.logger.error({ err: error, requestId: call.requestId, flowId: call.flow?.flowId }, 'call failed');
      finish(options, call, refused('internal_error'));
    },
  );
}

interface CallAddress {
  publicUrl: string;
  /** What follows the address in the URL, without its slash. */
  rest: string | undefined;
  flowId?: string | undefined;
}

/** A call as it arrived. */
export function callOf(
  request: FastifyRequest,
  reply: FastifyReply,
  { publicUrl, rest, flowId = '' }: CallAddress,
): Call {
  const { raw: message } = request;
  return {
    runId: runIdOf(request.id),
    requestId: request.id,
    flowId,
    method: request.method,
    url: publicUrl + request.url,
    path: rest === undefined ? '' : `/${rest}`,
    query: request.query as Record<string, string | string[]>,
    headers: request.headers,
    message,
    response: reply.raw,
    flow: undefined,
    bytes: undefined,
    digest: undefined,
  };
}

function finish(options: HookRouteOptions, call: Call, result: IngestResult): void {
  const { flow } = call;
  if (result.outcome === 'refused' && flow && isRecorded(result)) {
    options.rejections.record(flow.flowId, () => rejectionOf(call, flow, result, options.clock()));
  }
  const answer = answerTo(result, call.requestId);
  if (!answer) return;
  const cors = flow?.trigger && corsHeaders(flow.trigger.settings, call);
  if (cors) Object.assign(answer.headers, cors);
  // Whoever was too slow may go on with the body, and it is not waited for.
  sendAnswer(call.message, call.response, answer, options.closing() || answer.status === 408);
}
