import { createHash } from 'node:crypto';
import { v7 } from 'uuid';
import type { FlowId, RunId } from './ids.js';
import type { Json, JsonObject } from './json.js';
import type { HookRequest } from './trigger-message.js';

/** What a polling trigger may keep from one poll to the next, as JSON text in UTF-8. */
export const maxSnapshotBytes = 256 * 1024;

/** What stands in a run as its request when a schedule began it: no caller can send this method. */
export const pollRequest: HookRequest = {
  method: 'SCHEDULE',
  path: '',
  query: {},
  headers: {},
  contentType: 'application/json',
};

/** What the step of a polling trigger gets as its input. */
export interface PollInput extends JsonObject {
  /** The time for which the poll was planned, ISO 8601 in UTC; it begins somewhat later. */
  scheduledAt: string;
}

/** The body of a run that a schedule began: what its trigger step was given, so that each attempt gets the same. */
export interface Poll {
  scheduledAt: string;
  /** As it was when the run began; `null` when there was none. */
  snapshot: Json;
}

export function isPollRequest({ method }: Pick<HookRequest, 'method'>): boolean {
  return method === pollRequest.method;
}

/** Reads the body of a run that a schedule began. */
export function readPoll(body: Buffer): Poll {
  return JSON.parse(body.toString('utf8')) as Poll;
}

/**
 * The id of the run that polls a flow at a planned time: a UUIDv7 of that time whose other bits follow from flow and time, so
 * that planning the same poll again leads to the same run.
 */
export function pollRunId(flowId: FlowId, dueAtMs: number): RunId {
  const random = createHash('sha256').update(`${flowId} ${dueAtMs}`).digest().subarray(0, 16);
  return v7({ random, msecs: dueAtMs }) as RunId;
}
