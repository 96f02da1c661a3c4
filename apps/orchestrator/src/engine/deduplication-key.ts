import { createHash } from 'node:crypto';
import { isJsonObject, jsonBody, requestContext, type Json, type TriggerMessage } from '@millrace/contracts';
import { isReceiveStep, runContext, type Plan } from '@millrace/flow-model';
import { compileMapping, evaluateMapping, needsSandbox, type CompiledMapping } from '@millrace/mapping';
import { readReceiveSettings } from '@millrace/webhook-settings';

/** How the requests of a flow version are told apart. */
export interface Deduplication {
  key: CompiledMapping;
  windowMs: number;
}

/** The deduplication that a plan's trigger sets; `undefined` when it sets none. Throws on settings that are wrong. */
export function deduplicationOf({ trigger }: Plan): Deduplication | undefined {
  if (!isReceiveStep(trigger)) return undefined;
  const { deduplicate } = readReceiveSettings(trigger.config);
  if (!deduplicate) return undefined;
  const { compiled, problems } = compileMapping(deduplicate.key);
  const [fault] = problems;
  if (fault) throw new TypeError(`/deduplicate/key: at character ${fault.position + 1}: ${fault.message}`);
  if (needsSandbox(compiled)) throw new TypeError('/deduplicate/key: must be a path or a literal');
  return { key: compiled, windowMs: deduplicate.windowSeconds * 1000 };
}

/**
 * SHA-256 of what tells the request apart from others; `undefined` when it has no such value, or none can be found:
 * it is a request of its own then.
 */
export function keySha256(
  { key }: Deduplication,
  plan: Pick<Plan, 'flowId' | 'versionId'>,
  { request, body, runId }: Pick<TriggerMessage, 'request' | 'body' | 'runId'>,
): Buffer | undefined {
  try {
    const value = evaluateMapping(key, {
      // Most keys are headers: the body is read only for those that need it.
      get output() {
        return JSON.parse(jsonBody(request, body).toString('utf8')) as Json;
      },
      steps: {},
      get request() {
        return requestContext(request, body);
      },
      get run() {
        return runContext(plan, runId);
      },
    });
    if (value === undefined || value === null) return undefined;
    const hash = createHash('sha256').update(canonicalJson(value));
    // Two different long numbers may be read as the same one. Only the very same body makes such requests the same.
    if (holdsLongNumber(value)) hash.update(jsonBody(request, body));
    return hash.digest();
  } catch {
    return undefined;
  }
}

/** JSON in which the order of keys, and how a text or number was spelt, make no difference (as RFC 8785). */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(',')}}`;
}

function holdsLongNumber(value: Json): boolean {
  if (typeof value === 'number') return Math.abs(value) > Number.MAX_SAFE_INTEGER;
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some(holdsLongNumber);
}
