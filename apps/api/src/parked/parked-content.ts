import { isUtf8 } from 'node:buffer';
import {
  isJsonObject,
  queues,
  type FlowVersionId,
  type Json,
  type JsonObject,
  type StepId,
  type WorkspaceId,
} from '@millrace/contracts';
import type { ParkedWhole } from '@millrace/persistence';
import type { StepMask, StepMasks } from '../runs/step-masks.js';

/** What of a parked message can be shown. */
export interface ParkedContent {
  body: string | null;
  bodyEncoding: 'utf8' | 'base64' | null;
  truncated: boolean;
}

/** A person reads no more of it. */
export const maxShownBytes = 64 * 1024;

const hidden: ParkedContent = { body: null, bodyEncoding: null, truncated: false };

/**
 * The body of a parked message for a person. Of a trigger it is what the sender has sent, as a run shows it; other messages
 * are shown without sealed credentials, with secret fields masked. What cannot be read cannot be masked, and is not shown.
 */
export async function shownContent(
  { stepMasks }: { stepMasks: StepMasks },
  workspaceId: WorkspaceId,
  { queue, body }: Pick<ParkedWhole, 'queue' | 'body'>,
): Promise<ParkedContent> {
  if (queue === queues.triggers) return cut(body);
  const message = parsed(body);
  if (!message) return hidden;
  const { versionId, stepId } = message;
  if (typeof versionId !== 'string' || typeof stepId !== 'string') return hidden;
  const maskOf = await stepMasks.find(workspaceId, [versionId as FlowVersionId]);
  return cut(
    Buffer.from(JSON.stringify(masked(message, maskOf(versionId as FlowVersionId, stepId as StepId)), null, 2)),
  );
}

/** Config and snapshot may hold what nobody has marked; what earlier steps gave is masked by other steps, and the run shows it. */
function masked(message: JsonObject, mask: StepMask): JsonObject {
  const { credential: _credential, carry: _carry, config: _config, snapshot: _snapshot, ...rest } = message;
  const shown: JsonObject = { ...rest };
  if (rest['input'] !== undefined) shown['input'] = mask.input(rest['input']);
  const { outcome } = rest;
  if (isJsonObject(outcome)) shown['outcome'] = maskedOutcome(outcome, mask);
  return shown;
}

function maskedOutcome({ snapshot: _snapshot, ...outcome }: JsonObject, mask: StepMask): JsonObject {
  const { outputs } = outcome;
  return Array.isArray(outputs) ? { ...outcome, outputs: outputs.map((output: Json) => mask.output(output)) } : outcome;
}

function parsed(body: Buffer): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function cut(body: Buffer): ParkedContent {
  const truncated = body.length > maxShownBytes;
  const shown = truncated ? body.subarray(0, maxShownBytes) : body;
  const bodyEncoding = isUtf8(body) ? 'utf8' : 'base64';
  return { body: shown.toString(bodyEncoding), bodyEncoding, truncated };
}
