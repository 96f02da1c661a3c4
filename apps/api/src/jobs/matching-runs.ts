import type { RunId, StepId, WorkspaceId } from '@millrace/contracts';
import {
  listRunFailures,
  scanRuns,
  type BulkAction,
  type Database,
  type RunCriteria,
  type ScannedRuns,
} from '@millrace/persistence';
import { fingerprintOf, readFailure } from '../incidents/fingerprint.js';
import { statusesOf, type RunFilter } from './schemas.js';

type Manager = Database['dataSource']['manager'];

/** Which runs an action is to act on. */
export interface ActionFilter {
  action: BulkAction;
  filter: RunFilter;
}

/** The next runs that an action is to act on, the oldest first, among the next `limit` that come into question. */
export async function matchingRuns(
  manager: Manager,
  workspaceId: WorkspaceId,
  { action, filter }: ActionFilter,
  scan: { after: RunId | undefined; before: Date; limit: number },
): Promise<ScannedRuns> {
  const { status, fingerprint, ...given } = filter;
  const criteria: RunCriteria = {
    ...given,
    stepId: given.stepId as StepId | undefined,
    statuses: status ? [status] : statusesOf[action],
  };
  const scanned = await scanRuns(manager, workspaceId, { ...scan, criteria });
  const { errorCode, stepId } = filter;
  if (scanned.runIds.length === 0 || fingerprint === undefined) return scanned;
  const failures = await listRunFailures(manager, workspaceId, scanned.runIds);
  const alike = new Set<RunId>();
  for (const row of failures) {
    const failure = readFailure(row.error);
    if (errorCode !== undefined && failure.code !== errorCode) continue;
    if (stepId !== undefined && row.stepId !== stepId) continue;
    if (fingerprintOf(row.stepId, failure) !== fingerprint) continue;
    alike.add(row.runId);
  }
  return { ...scanned, runIds: scanned.runIds.filter((id) => alike.has(id)) };
}
