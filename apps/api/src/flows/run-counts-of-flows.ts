import type { FlowId, WorkspaceId } from '@millrace/contracts';
import { readLastRuns, type CountedRuns } from '@millrace/persistence';
import { hourMs } from '../dashboard/run-counts.js';
import type { ApiDeps } from '../deps.js';
import type { Flow, ListedFlow } from './schemas.js';

const weekMs = 7 * 24 * hourMs;
const dayMs = 24 * hourMs;

/** Adds to flows what became of their runs, with a fixed number of statements. */
export async function withRunCounts(
  { database, runCounter }: Pick<ApiDeps, 'database' | 'runCounter'>,
  workspaceId: WorkspaceId,
  flows: Flow[],
): Promise<ListedFlow[]> {
  if (flows.length === 0) return [];
  const end = (Math.floor(Date.now() / hourMs) + 1) * hourMs;
  const day = { from: new Date(end - dayMs), to: new Date(end), stepMs: hourMs * 1_000_000 };
  const [lastRuns, ofWeek, ofDay] = await Promise.all([
    readLastRuns(
      database,
      workspaceId,
      flows.map(({ id }) => id as FlowId),
    ),
    runCounter.read(workspaceId, { ...day, from: new Date(end - weekMs) }),
    runCounter.read(workspaceId, day),
  ]);
  const lastOf = new Map<string, (typeof lastRuns)[number]>(lastRuns.map((run) => [run.flowId, run]));
  const [weekOf, dayOf] = [byFlow(ofWeek), byFlow(ofDay)];
  return flows.map((flow) => {
    const last = lastOf.get(flow.id);
    const id = flow.id as FlowId;
    return {
      ...flow,
      lastRun: last ? { id: last.id, status: last.status, startedAt: last.startedAt.toISOString() } : null,
      lastDay: summed(dayOf.get(id) ?? []),
      lastWeek: summed(weekOf.get(id) ?? []),
    };
  });
}

function byFlow(rows: CountedRuns[]): Map<FlowId, CountedRuns[]> {
  const found = new Map<FlowId, CountedRuns[]>();
  for (const row of rows) found.set(row.flowId, [...(found.get(row.flowId) ?? []), row]);
  return found;
}

function summed(rows: CountedRuns[]): ListedFlow['lastDay'] {
  let [succeeded, failed, total] = [0, 0, 0];
  for (const row of rows) {
    succeeded += row.succeeded;
    failed += row.failed;
    const { queued, running, waiting, cancelled, duplicate } = row;
    total += row.succeeded + row.failed + queued + running + waiting + cancelled + duplicate;
  }
  const ended = succeeded + failed;
  return { succeeded, failed, total, successRate: ended === 0 ? null : succeeded / ended };
}
