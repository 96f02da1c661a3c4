import { createHash } from 'node:crypto';
import { isJsonObject, jsonBody, requestContext, type Json, type TriggerMessage } from '@millrace/contracts';
import { isReceiveStep, runContext, type Plan } from '@millrace/flow-model';
import { compileMapping, evaluateMapping, needsSandbox, sandboxLeaves, type CompiledMapping } from '@millrace/mapping';
import type { SandboxContext } from '@millrace/mapping-sandbox';
import { readReceiveSettings } from '@millrace/webhook-settings';

/** An expression over the body and `$request` of a request. */
export interface RequestKey {
  key: CompiledMapping;
  /** Whether the key can be evaluated in the sandbox only, and whether it reads the body there. */
  sandboxed: boolean;
  readsBody: boolean;
}

/** How the requests of a flow version are told apart. */
export interface Deduplication extends RequestKey {
  windowMs: number;
}

export function requestKeyOf(key: CompiledMapping): RequestKey {
  const readsBody = sandboxLeaves(key).some(({ expression }) => expression.reads.output);
  return { key, sandboxed: needsSandbox(key), readsBody };
}

/** The deduplication that a plan's trigger sets; `undefined` when it sets none. Throws on settings that are wrong. */
export function deduplicationOf({ trigger }: Plan): Deduplication | undefined {
  if (!isReceiveStep(trigger)) return undefined;
  const { deduplicate } = readReceiveSettings(trigger.config);
  if (!deduplicate) return undefined;
  const { compiled, problems } = compileMapping(deduplicate.key);
  const [fault] = problems;
  if (fault) throw new TypeError(`/deduplicate/key: at character ${fault.position + 1}: ${fault.message}`);
  return { ...requestKeyOf(compiled), windowMs: deduplicate.windowSeconds * 1000 };
}

type KeyedMessage = Pick<TriggerMessage, 'request' | 'body' | 'runId'>;

/**
 * SHA-256 of what tells the request apart from others by a key that needs no sandbox; `undefined` when it has no such
 * value, or none can be found: it is a request of its own then.
 */
export function keySha256(
  { key }: Pick<RequestKey, 'key'>,
  plan: Pick<Plan, 'flowId' | 'versionId'>,
  message: KeyedMessage,
): Buffer | undefined {
  const { request, body, runId } = message;
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
    return sha256Of(value, message);
  } catch {
    return undefined;
  }
}

/** What a key that needs the sandbox is evaluated on: the same for every copy of the message that brought the request. */
export function keyContext(
  { readsBody }: Pick<RequestKey, 'readsBody'>,
  plan: Pick<Plan, 'flowId' | 'versionId'>,
  { request, body, runId, receivedAt }: KeyedMessage & Pick<TriggerMessage, 'receivedAt'>,
): SandboxContext {
  return {
    output: readsBody ? outputOf(request, body) : undefined,
    steps: {},
    request: requestContext(request, body),
    run: runContext(plan, runId),
    seed: runId,
    now: receivedAt,
  };
}

/** SHA-256 of the value of a key; `undefined` where there is none. */
export function sha256Of(value: Json | undefined, { request, body }: KeyedMessage): Buffer | undefined {
  if (value === undefined || value === null) return undefined;
  const hash = createHash('sha256').update(canonicalJson(value));
  // Two different long numbers may be read as the same one. Only the very same body makes such requests the same.
  if (holdsLongNumber(value)) hash.update(jsonBody(request, body));
  return hash.digest();
}

/** The body as JSON; nothing where it is none. */
function outputOf(request: TriggerMessage['request'], body: Buffer): Json | undefined {
  try {
    return JSON.parse(jsonBody(request, body).toString('utf8')) as Json;
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
