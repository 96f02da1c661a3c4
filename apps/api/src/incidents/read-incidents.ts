import type { FlowId, RunId, StepId, WorkspaceId } from '@millrace/contracts';
import { listFailures, type Database } from '@millrace/persistence';
import { fingerprintOf, readFailure } from './fingerprint.js';

/** Failures of the same kind. */
export interface IncidentRow {
  fingerprint: string;
  flowId: FlowId;
  stepId: StepId;
  code: string;
  /** As the newest of them says it. */
  message: string;
  count: number;
  firstSeenAt: Date;
  lastSeenAt: Date;
  lastRunId: RunId;
  /** The newest ones. */
  runIds: RunId[];
}

export interface IncidentPeriod {
  /** Without it, all flows of the workspace. */
  flowId?: FlowId | undefined;
  from: Date;
  to: Date;
  limit: number;
}

/** So many failures are grouped, the newest: the answer says so when there were more. */
export const maxFailures = 10_000;
const shownRuns = 5;

/** The failures of a flow, or of all, in failed runs that began within a time, by kind; the kind that was seen last comes first. */
export async function readIncidents(
  manager: Database['dataSource']['manager'],
  workspaceId: WorkspaceId,
  { limit, flowId: only, ...period }: IncidentPeriod,
): Promise<{ items: IncidentRow[]; truncated: boolean }> {
  const rows = await listFailures(manager, workspaceId, { ...period, flowId: only, limit: maxFailures + 1 });
  const incidents = new Map<string, IncidentRow>();
  for (const { runId, flowId, stepId, error, failedAt } of rows.slice(0, maxFailures)) {
    const failure = readFailure(error);
    const fingerprint = fingerprintOf(stepId, failure);
    // The same failure of two flows is two incidents.
    const key = `${flowId} ${fingerprint}`;
    const known = incidents.get(key);
    if (!known) {
      const seen = { firstSeenAt: failedAt, lastSeenAt: failedAt, lastRunId: runId, runIds: [runId] };
      incidents.set(key, { fingerprint, flowId, stepId, ...failure, count: 1, ...seen });
      continue;
    }
    known.count += 1;
    if (failedAt < known.firstSeenAt) known.firstSeenAt = failedAt;
    if (failedAt > known.lastSeenAt) known.lastSeenAt = failedAt;
    if (known.runIds.length < shownRuns && !known.runIds.includes(runId)) known.runIds.push(runId);
  }
  const items = [...incidents.values()].toSorted((a, b) => b.lastSeenAt.getTime() - a.lastSeenAt.getTime());
  return { items: items.slice(0, limit), truncated: rows.length > maxFailures || items.length > limit };
}
