import type { FlowId, WorkspaceId } from '@millrace/contracts';
import {
  countSteps,
  listRuns,
  readFailingFlows,
  readKeptCounts,
  readKeptOpen,
  type CountedRuns,
  type RunCounts,
} from '@millrace/persistence';
import type { ApiDeps } from '../deps.js';
import { readFailure } from '../incidents/fingerprint.js';
import { summaryView } from '../runs/read-runs.js';
import { hourMs, hoursIn } from './run-counts.js';
import type { Dashboard } from './schemas.js';

type Deps = Pick<ApiDeps, 'database' | 'runCounter'>;
type Outcomes = Dashboard['totals'];

const shownFlows = 10;
const shownRuns = 10;
const stepsOfSpan = [
  { upToMs: 3 * hourMs, stepMs: 5 * 60_000 },
  { upToMs: 48 * hourMs, stepMs: hourMs },
  { upToMs: 8 * 24 * hourMs, stepMs: 6 * hourMs },
];

/** How long a bucket of a span is, so that there are some 30 of them. */
export function stepOf(spanMs: number): number {
  return stepsOfSpan.find(({ upToMs }) => spanMs <= upToMs)?.stepMs ?? 24 * hourMs;
}

/** What the first page of the console shows. The time is widened to whole buckets. */
export async function readDashboard(
  deps: Deps,
  workspaceId: WorkspaceId,
  asked: { from: Date; to: Date; flowId: FlowId | undefined },
): Promise<Dashboard> {
  const { database } = deps;
  const { flowId } = asked;
  const stepMs = stepOf(asked.to.getTime() - asked.from.getTime());
  const from = new Date(Math.floor(asked.from.getTime() / stepMs) * stepMs);
  const to = new Date(Math.ceil(asked.to.getTime() / stepMs) * stepMs);
  const span = { from, to, flowId, stepMs };
  const key = `steps ${workspaceId} ${from.getTime()} ${to.getTime()} ${flowId ?? ''}`;
  const [rows, open, recent] = await Promise.all([
    stepMs < hourMs
      ? deps.runCounter.remembered(key, () => countSteps(database, workspaceId, span))
      : deps.runCounter.read(workspaceId, span),
    readOpen(deps, workspaceId, flowId),
    listRuns(database.dataSource.manager, workspaceId, { flowId, limit: shownRuns }),
  ]);
  const buckets = new Map<number, Outcomes>();
  for (let atMs = from.getTime(); atMs < to.getTime(); atMs += stepMs) buckets.set(atMs, noOutcomes());
  const byFlow = new Map<FlowId, Outcomes>();
  const totals = noOutcomes();
  for (const row of rows) {
    const bucket = buckets.get(row.atMs);
    if (!bucket) continue;
    const ofFlow = byFlow.get(row.flowId) ?? noOutcomes();
    byFlow.set(row.flowId, ofFlow);
    for (const into of [bucket, ofFlow, totals]) addTo(into, row);
  }
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    bucketSeconds: stepMs / 1_000,
    buckets: Array.from(buckets, ([atMs, outcomes]) => ({ at: new Date(atMs).toISOString(), ...outcomes })),
    totals,
    now: open,
    failingFlows: await failingFlows(deps, workspaceId, byFlow, from),
    recentRuns: recent.items.map(summaryView),
  };
}

async function readOpen(
  { database, runCounter }: Deps,
  workspaceId: WorkspaceId,
  flowId: FlowId | undefined,
): Promise<Dashboard['now']> {
  const other = await runCounter.readOther(workspaceId);
  const without = hoursIn(other);
  const all = { from: new Date(0), to: new Date(Date.now() + hourMs), flowId, stepMs: 1_000_000 * hourMs, without };
  const kept =
    flowId === undefined
      ? [await readKeptOpen(database, workspaceId, without)]
      : await readKeptCounts(database, workspaceId, all);
  const sum = { queued: 0, running: 0, waiting: 0 };
  for (const row of [...kept, ...other.filter((one) => flowId === undefined || one.flowId === flowId)]) {
    sum.queued += row.queued;
    sum.running += row.running;
    sum.waiting += row.waiting;
  }
  return sum;
}

async function failingFlows(
  { database }: Deps,
  workspaceId: WorkspaceId,
  byFlow: Map<FlowId, Outcomes>,
  from: Date,
): Promise<Dashboard['failingFlows']> {
  const failing = [...byFlow]
    .filter(([, { failed }]) => failed > 0)
    .toSorted(([, a], [, b]) => b.failed - a.failed)
    .slice(0, shownFlows);
  if (failing.length === 0) return [];
  const rows = await readFailingFlows(database, workspaceId, { flowIds: failing.map(([id]) => id), from });
  return failing.flatMap(([id, { failed, succeeded }]) => {
    const row = rows.find((one) => one.id === id);
    if (!row) return [];
    const { name, status, runId, stepId, error, failedAt } = row;
    const lastError =
      runId !== null && stepId !== null && error !== null && failedAt !== null
        ? { runId, stepId, ...readFailure(error), failedAt: failedAt.toISOString() }
        : null;
    return [{ flowId: id, name, status, failed, rate: failed / (failed + succeeded), lastError }];
  });
}

function noOutcomes(): Outcomes {
  return { succeeded: 0, failed: 0, cancelled: 0, duplicate: 0, open: 0 };
}

function addTo(into: Outcomes, row: CountedRuns | RunCounts): void {
  into.succeeded += row.succeeded;
  into.failed += row.failed;
  into.cancelled += row.cancelled;
  into.duplicate += row.duplicate;
  into.open += row.queued + row.running + row.waiting;
}
