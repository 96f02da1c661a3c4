import type { BundledMessage } from '@millrace/amqp';
import { encodeTriggerMessage, type FlowVersionId, type HookRequest } from '@millrace/contracts';
import type { HookFlow } from '../flows/hook-flows.js';
import type { HookTrigger } from '../flows/hook-trigger.js';
import { headerOf, type Call } from './call.js';
import { keptHeaders, keptQuery } from './kept.js';
import type { CallBody } from './call-body.js';

export interface TriggerParts {
  flow: HookFlow;
  versionId: FlowVersionId;
  trigger: HookTrigger;
  body: Pick<CallBody, 'json' | 'raw' | 'rawFile'>;
  /** Where a caller waits for the run's answer; `undefined` when none does. */
  replyTo: string | undefined;
  receivedAt: number;
}

/** The message that begins a run. */
export function triggerMessage(call: Call, parts: TriggerParts): BundledMessage {
  const { flow, versionId, trigger, body, replyTo, receivedAt } = parts;
  const { secretPlaces } = trigger;
  const request: HookRequest = {
    method: call.method,
    path: call.path,
    query: keptQuery(call.query, secretPlaces.queryNames),
    headers: keptHeaders(call.headers, secretPlaces.headers),
    contentType: headerOf(call, 'content-type') ?? '',
  };
  if (body.raw) request.rawBodyBytes = body.raw.length;
  if (body.rawFile) request.rawBodyFile = body.rawFile;
  if (replyTo !== undefined) request.replyTo = replyTo;
  return {
    contentType: 'application/json',
    ...encodeTriggerMessage({
      runId: call.runId,
      workspaceId: flow.workspaceId,
      flowId: flow.flowId,
      versionId,
      receivedAt,
      request,
      body: body.raw ? Buffer.concat([body.json, body.raw]) : body.json,
    }),
  };
}
