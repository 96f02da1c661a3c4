import { v7 } from 'uuid';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type WorkspaceId = Branded<'WorkspaceId'>;
export type UserId = Branded<'UserId'>;
export type FlowId = Branded<'FlowId'>;
export type FlowVersionId = Branded<'FlowVersionId'>;
export type CredentialId = Branded<'CredentialId'>;
/** The id of a run is the id of the request that caused it. */
export type RunId = Branded<'RunId'>;
export type AttachmentId = Branded<'AttachmentId'>;
/** `step_1`, `step_2` …, unique within a flow. */
export type StepId = Branded<'StepId'>;
/** Emission indexes along the branch, joined by dots: `''` for the trigger, `'0'`, `'0.3'` … below it. */
export type StepPath = Branded<'StepPath'>;

// Asking for random bytes costs more than the bytes: 256 ids are filled at a time. By itself `uuid` asks for every id,
// which was 8 % of the processor time of taking in a request (npm run bench -- --profile).
const random = new Uint8Array(16 * 256);
let randomAt = random.length;
let lastMillis = 0;
let sequence = 0;

/**
 * A new time-ordered id (UUIDv7, RFC 9562): rows sort by creation and partitions are ranges of it. Ids that one process
 * makes grow, also within a millisecond and when the clock is set back.
 */
export function newId<Id extends string>(): Id {
  if (randomAt === random.length) {
    crypto.getRandomValues(random);
    randomAt = 0;
  }
  const bytes = random.subarray(randomAt, (randomAt += 16));
  const now = Date.now();
  if (now > lastMillis) {
    lastMillis = now;
    // Random within the lower half of its 32 bits: the ids of one millisecond never reach the end.
    sequence = ((bytes[6] ?? 0) << 23) | ((bytes[7] ?? 0) << 15) | ((bytes[8] ?? 0) << 7) | ((bytes[9] ?? 0) >> 1);
  } else sequence += 1;
  return v7({ random: bytes, msecs: lastMillis, seq: sequence }) as Id;
}

const compact = /^[0-9a-f]{32}$/i;
const dashed = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Reads a UUID with or without dashes and returns it dashed and in lower case; `undefined` when it is neither.
 * Every call of the control plane and every webhook URL takes both forms.
 */
export function parseId<Id extends string>(text: string): Id | undefined {
  if (dashed.test(text)) return text.toLowerCase() as Id;
  if (!compact.test(text)) return undefined;
  const hex = text.toLowerCase();
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}` as Id;
}

/** When an id was made, in milliseconds since the epoch: a UUIDv7 begins with them (RFC 9562 §5.7). */
export function millisOf(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** The form of a request id that callers see: 32 hex digits without dashes. */
export function requestIdOf(runId: RunId): string {
  return runId.replaceAll('-', '');
}

/** The path of the step that follows emission `index` of the step at `path`. */
export function childPath(path: StepPath, index: number): StepPath {
  return (path === '' ? String(index) : `${path}.${index}`) as StepPath;
}

/** The path of the trigger's step run. */
export const rootPath = '' as StepPath;
