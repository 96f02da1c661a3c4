import { isUtf8 } from 'node:buffer';
import {
  isJsonObject,
  parseId,
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
 * are shown without sealed credentials, with secret fields masked. What cannot be read, or is of no step that we know, cannot be
 * masked, and is not shown.
 */
export async function shownContent(
  { stepMasks }: { stepMasks: StepMasks },
  workspaceId: WorkspaceId,
  { queue, body }: Pick<ParkedWhole, 'queue' | 'body'>,
): Promise<ParkedContent> {
  if (queue === queues.triggers) return cut(body);
  const message = parsed(body);
  if (!message) return hidden;
  const { versionId: version, stepId } = message;
  const versionId = typeof version === 'string' ? parseId<FlowVersionId>(version) : undefined;
  if (!versionId || typeof stepId !== 'string') return hidden;
  const mask = await stepMasks.ofKnown(workspaceId, versionId, stepId as StepId);
  return mask ? cut(Buffer.from(JSON.stringify(masked(message, mask), null, 2))) : hidden;
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

/** An item that is gathered is neither input nor output of its step, so nothing says what of it, or of its key, is secret. */
function maskedOutcome(
  { snapshot: _snapshot, item: _item, gathering, ...outcome }: JsonObject,
  mask: StepMask,
): JsonObject {
  if (isJsonObject(gathering)) {
    const { key: _key, ...rest } = gathering;
    outcome['gathering'] = rest;
  }
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
