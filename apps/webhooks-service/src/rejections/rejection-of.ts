import { createHash } from 'node:crypto';
import type { NewRejection } from '@millrace/persistence';
import { messageOf, refusals, type Refusal } from '../answers/refusals.js';
import type { HookFlow } from '../flows/hook-flows.js';
import { headerOf, type Call } from '../ingest/call.js';
import { maskedHeaders, maskedPath } from './masked.js';

/** Refusals for which the sender can do something; of the others the log of the process tells. */
const recordedStatuses = new Set([400, 401, 404, 405, 408, 413, 415, 429]);

export function isRecorded({ code }: Refusal): boolean {
  return recordedStatuses.has(refusals[code].status);
}

/** The record of a refused call: what whoever runs the flow needs to see why, and nothing that is secret. */
export function rejectionOf(call: Call, flow: HookFlow, refusal: Refusal, receivedAt: number): NewRejection {
  const secrets = flow.secretNames;
  const { bytes } = call;
  const digest = bytes ? { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest() } : call.digest;
  const claimedBytes = Number(headerOf(call, 'content-length') ?? Number.NaN);
  return {
    id: call.runId,
    workspaceId: flow.workspaceId,
    flowId: flow.flowId,
    receivedAt,
    status: refusals[refusal.code].status,
    reason: refusal.code,
    message: recordedMessage(refusal),
    method: call.method,
    path: maskedPath(call.message.url ?? '', secrets),
    headers: JSON.stringify(maskedHeaders(call.headers, secrets)),
    bodyBytes: digest?.bytes ?? (Number.isSafeInteger(claimedBytes) ? claimedBytes : null),
    bodySha256: digest?.sha256 ?? null,
  };
}

/** With what only the owner of the flow may learn. What was wrong with credentials says it all by itself. */
function recordedMessage(refusal: Refusal): string {
  const { code, forRecord } = refusal;
  if (forRecord === undefined) return messageOf(refusal);
  return code === 'unauthorized' ? forRecord : `${messageOf(refusal)} ${forRecord}`;
}
