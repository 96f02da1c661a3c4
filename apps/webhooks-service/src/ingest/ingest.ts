import type { OutgoingMessage } from '@millrace/amqp';
import {
  encodeTriggerMessage,
  newId,
  parseId,
  queues,
  type FlowId,
  type HookRequest,
  type RunId,
} from '@millrace/contracts';
import type { Logger } from '@millrace/observability';
import type { Handshake } from '@millrace/signatures';
import type { HookFlow, HookFlows } from '../flows/hook-flows.js';
import { checkBody, type BodyFault } from './body.js';
import { keptHeaders, keptQuery } from './kept.js';

/** One call of a webhook URL, as it arrived. */
export interface IncomingCall {
  requestId: RunId;
  flowId: string;
  method: string;
  /** The full public URL as it was called: some senders sign it. */
  url: string;
  path: string;
  query: Record<string, string | string[]>;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

export type IngestResult =
  | { outcome: 'accepted' }
  /** The sender asked whether the URL is alive, and proved who it is; nothing runs. */
  | Handshake
  | { outcome: 'unknownFlow' }
  | { outcome: 'unauthorized'; challenge: string | undefined }
  | { outcome: 'methodNotAllowed'; allowed: string }
  | { outcome: 'badBody'; fault: BodyFault }
  | { outcome: 'unavailable'; retryAfterSeconds: number };

export interface IngestDeps {
  flows: Pick<HookFlows, 'find'>;
  /** Resolves once the broker has confirmed the message; rejects when that is not certain in time. */
  publish(message: OutgoingMessage): Promise<void>;
  logger: Logger;
  clock: () => number;
}

const retryAfterSeconds = 5;
const unavailable: IngestResult = { outcome: 'unavailable', retryAfterSeconds };

/** A new request id, which will be the id of the run. */
export function newRequestId(): RunId {
  return newId<RunId>();
}

/**
 * Accepts one call of a webhook URL. Resolves `accepted` only once the broker holds the message on disk. Nothing is
 * said about a body or a method before the caller has proved who they are.
 */
export async function ingest(deps: IngestDeps, call: IncomingCall): Promise<IngestResult> {
  const flowId = parseId<FlowId>(call.flowId);
  if (!flowId) return { outcome: 'unknownFlow' };
  let flow: HookFlow | undefined;
  try {
    flow = await deps.flows.find(flowId);
  } catch (error) {
    deps.logger.error({ err: error, flowId }, 'flow could not be looked up');
    return unavailable;
  }
  if (!flow) return { outcome: 'unknownFlow' };
  const authentication = flow.authenticate(call);
  if (authentication.outcome === 'refused') return { outcome: 'unauthorized', challenge: authentication.challenge };
  if (authentication.outcome === 'handshake') return authentication;
  if (call.method !== 'POST') return { outcome: 'methodNotAllowed', allowed: 'POST' };
  const contentType = headerText(call.headers['content-type']);
  const fault = checkBody(contentType, call.body);
  if (fault) return { outcome: 'badBody', fault };
  try {
    await deps.publish(triggerMessage(deps, flow, call, contentType));
    return { outcome: 'accepted' };
  } catch (error) {
    deps.logger.warn({ err: error, flowId, requestId: call.requestId }, 'call could not be stored');
    return unavailable;
  }
}

function triggerMessage(deps: IngestDeps, flow: HookFlow, call: IncomingCall, contentType: string): OutgoingMessage {
  const { method, path } = call;
  const headers = keptHeaders(call.headers, flow.secretPlaces.headers);
  const query = keptQuery(call.query, flow.secretPlaces.queryNames);
  const request: HookRequest = { method, path, query, headers, contentType };
  const { workspaceId, flowId, versionId } = flow;
  return {
    exchange: '',
    routingKey: queues.triggers,
    contentType,
    ...encodeTriggerMessage({
      runId: call.requestId,
      workspaceId,
      flowId,
      versionId,
      receivedAt: deps.clock(),
      request,
      body: call.body,
    }),
  };
}

function headerText(value: string | string[] | undefined): string {
  return typeof value === 'string' ? value : (value?.[0] ?? '');
}
