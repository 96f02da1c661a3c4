import type { RunFilter as BulkFilter, RunStatus } from '../../api/schema.generated.js';

/** Which runs the list shows; all of it stands in the address. */
export interface RunFilter {
  flowId?: string | undefined;
  statuses: readonly RunStatus[];
  /** ISO 8601. */
  from?: string | undefined;
  to?: string | undefined;
  /** A request or run id, or a text in the message of a failed step. */
  q?: string | undefined;
  stepId?: string | undefined;
  errorCode?: string | undefined;
}

export const runStatuses: readonly RunStatus[] = [
  'queued',
  'running',
  'waiting',
  'succeeded',
  'failed',
  'cancelled',
  'duplicate',
];

/** The filter that an address holds. What cannot be read is left out, so that no link leads to a fault. */
export function readRunFilter(search: URLSearchParams): RunFilter {
  const text = (name: string): string | undefined => search.get(name)?.trim() || undefined;
  const words = (search.get('status') ?? '').split(',');
  const flowId = text('flow');
  return {
    flowId: flowId !== undefined && idIn(flowId) ? flowId : undefined,
    statuses: runStatuses.filter((status) => words.includes(status)),
    from: timeIn(text('from')),
    to: timeIn(text('to')),
    q: text('q')?.slice(0, 200),
    stepId: text('step')?.slice(0, 63),
    errorCode: text('code')?.slice(0, 100),
  };
}

/** The address of a list with this filter; parameters that are none of the filter's stay as they are. */
export function writeRunFilter(filter: RunFilter, present = new URLSearchParams()): URLSearchParams {
  const search = new URLSearchParams(present);
  const given: Record<string, string | undefined> = {
    flow: filter.flowId,
    status: filter.statuses.join(',') || undefined,
    from: filter.from,
    to: filter.to,
    q: filter.q?.trim() || undefined,
    step: filter.stepId,
    code: filter.errorCode,
  };
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) search.delete(name);
    else search.set(name, value);
  }
  return search;
}

/** The address of the runs that a filter lets through. */
export function runsPath(filter: Partial<RunFilter>): string {
  const search = writeRunFilter({ statuses: [], ...filter }).toString();
  return search === '' ? '/runs' : `/runs?${search}`;
}

/** The filter as the control plane takes it. */
export function runQuery({ flowId, statuses, from, to, q, stepId, errorCode }: RunFilter): Record<string, string> {
  const text = q !== undefined && idIn(q) === undefined ? q : undefined;
  const given = { flowId, status: statuses.join(',') || undefined, from, to, text, stepId, errorCode };
  return Object.fromEntries(Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

export function isFiltered(filter: RunFilter): boolean {
  return writeRunFilter(filter).size > 0;
}

/** The id that a text is, with or without dashes; undefined when it is none. */
export function idIn(text: string): string | undefined {
  const digits = text.trim().replaceAll('-', '').toLowerCase();
  return /^[0-9a-f]{32}$/.test(digits) ? digits : undefined;
}

/** The value of a field for a local time: `2026-03-10T12:00`. */
export function localTime(iso: string | undefined): string {
  if (iso === undefined) return '';
  const time = new Date(iso);
  const local = new Date(time.getTime() - time.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

/** What a field for a local time says, as ISO 8601. */
export function isoTime(local: string): string | undefined {
  return timeIn(local);
}

function timeIn(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

/** The filter for a job on everything that the list shows; undefined where there is none: it takes one status at most, and no id. */
export function jobFilter({ flowId, statuses, from, to, q, stepId, errorCode }: RunFilter): BulkFilter | undefined {
  if ((q !== undefined && idIn(q) !== undefined) || statuses.length > 1) return undefined;
  const [status] = statuses;
  const given = { flowId, status, from, to, text: q, stepId, errorCode };
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as BulkFilter);
}
