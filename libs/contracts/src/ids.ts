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
/** `step_1`, `step_2` …, unique within a flow. */
export type StepId = Branded<'StepId'>;
/** Emission indexes along the branch, joined by dots: `''` for the trigger, `'0'`, `'0.3'` … below it. */
export type StepPath = Branded<'StepPath'>;

/** A new time-ordered id (UUIDv7, RFC 9562): rows sort by creation and partitions are ranges of it. */
export function newId<Id extends string>(): Id {
  return v7() as Id;
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
