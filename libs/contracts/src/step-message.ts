import { z } from 'zod';
import {
  parseId,
  type CredentialId,
  type FlowId,
  type FlowVersionId,
  type RunId,
  type StepId,
  type StepPath,
  type WorkspaceId,
} from './ids.js';
import { decodeJson, type Decoded } from './decode.js';
import type { Json, JsonObject } from './json.js';

/** What every message about a step run carries to say which one it is. */
export interface StepAddress {
  workspaceId: WorkspaceId;
  flowId: FlowId;
  versionId: FlowVersionId;
  runId: RunId;
  stepId: StepId;
  path: StepPath;
  /** 1 for the first try. */
  attempt: number;
}

/** Outputs of earlier steps that later steps still read, so that deciding the next step needs no look-up. */
export interface Carry {
  steps: Record<string, Json>;
  /** The webhook request without its body, when a later mapping reads `$request`. */
  request?: JsonObject;
  /** The queue of the instance whose caller waits for the run's answer, as in `HookRequest`. */
  replyTo?: string;
  /** How many attempts there were when a person had the step tried again: they do not count against its policy. */
  retriedAfter?: number;
}

/** Orchestrator → component, on `steps.<component>`: do this operation. */
export interface StepMessage extends StepAddress {
  component: string;
  operation: string;
  config: JsonObject;
  /** The mapped input; for a webhook trigger the request as in `HookRequestInput`. */
  input: Json;
  /** Sealed with the key of the component; only that component can open it. */
  credential: { id: CredentialId; sealed: string } | null;
  snapshot: Json;
  timeoutMs: number;
  carry: Carry;
}

const id = z.string().min(1).max(64);

/** Room for the deepest flow (500 steps) with an index of six digits at each level. */
const maxPathLength = 4_000;

export const stepAddressSchema = z.object({
  workspaceId: id,
  flowId: id,
  versionId: id,
  runId: z.uuid(),
  stepId: id,
  path: z.string().max(maxPathLength),
  attempt: z.number().int().positive(),
});

export const carrySchema = z.object({
  steps: z.record(z.string(), z.unknown()),
  request: z.record(z.string(), z.unknown()).optional(),
  replyTo: z.string().optional(),
  retriedAfter: z.int().nonnegative().optional(),
});

const stepMessageSchema = stepAddressSchema.extend({
  component: id,
  operation: id,
  config: z.record(z.string(), z.unknown()),
  input: z.unknown(),
  credential: z.object({ id, sealed: z.string() }).nullable(),
  snapshot: z.unknown(),
  timeoutMs: z.number().int().positive(),
  carry: carrySchema,
});

export function encodeStepMessage(message: StepMessage): Buffer {
  return Buffer.from(JSON.stringify(message));
}

/** Reads a step message; the reason of a refusal names the field that is wrong. */
export function decodeStepMessage(body: Buffer): Decoded<StepMessage> {
  return decodeJson<StepMessage>(body, stepMessageSchema, 'step message');
}

/** One per attempt of a step run, so that redelivered and re-published copies share it. */
export function stepMessageId(address: StepAddress): string {
  return `${address.runId}:${address.stepId}:${address.path}:${address.attempt}`;
}

/** Reads the id of a message about a step run back; `undefined` when it is none. */
export function parseStepMessageId(
  messageId: string,
): Pick<StepAddress, 'runId' | 'stepId' | 'path' | 'attempt'> | undefined {
  const [run = '', stepId = '', path = '', attempt = '', ...rest] = messageId.split(':');
  const runId = parseId<RunId>(run);
  if (!runId || stepId === '' || !/^[1-9]\d{0,8}$/.test(attempt) || rest.length > 0) return undefined;
  return { runId, stepId: stepId as StepId, path: path as StepPath, attempt: Number(attempt) };
}

/** The key that components send on where the target understands one; the same for every attempt. */
export function idempotencyKey(address: StepAddress): string {
  return `${address.runId}:${address.stepId}:${address.path}`;
}
