import { MAX_BUNDLED } from '@millrace/amqp';
import { queues, type WorkspaceId } from '@millrace/contracts';
import { findWorkspace, readLedger, type LedgerRow } from '@millrace/persistence';
import type { ApiDeps } from '../deps.js';
import type { Ledger, LedgerEntry, LedgerQuery } from './schemas.js';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const maxSpanMs = 31 * dayMs;
/** A page ends with the day that fills it, or that took its time. */
const pageEntries = 1_000;
const pageTimeMs = 5_000;

export type LedgerPage = { outcome: 'read'; ledger: Ledger } | { outcome: 'badSpan'; reason: string };

/**
 * The ledger of a workspace, newest hour first, read day by day until the page is full. Hours whose runs are not kept any
 * more are left out: what is missing there was removed.
 */
export async function readLedgerPage(
  deps: Pick<ApiDeps, 'database' | 'messageCount'>,
  workspaceId: WorkspaceId,
  query: LedgerQuery,
): Promise<LedgerPage> {
  const now = Date.now();
  const to = hourAfter(query.to?.getTime() ?? now);
  const asked = hourOf(query.from?.getTime() ?? to - dayMs);
  if (asked >= to) return { outcome: 'badSpan', reason: '`from` must be before `to`.' };
  if (to - asked > maxSpanMs)
    return { outcome: 'badSpan', reason: 'The ledger is read for 31 days at most at a time.' };
  const { manager } = deps.database.dataSource;
  const workspace = await findWorkspace(manager, workspaceId);
  const keptFrom = hourAfter(now - (workspace?.retentionDays ?? 0) * dayMs);
  const from = Math.min(Math.max(asked, keptFrom), to);

  // Asked before the rows are read: what leaves the queue meanwhile is among them.
  let onTheWay = ((await deps.messageCount(queues.triggers)) ?? Infinity) * MAX_BUNDLED;
  const items: LedgerEntry[] = [];
  let next = Math.min(to, query.cursor ? hourOf(query.cursor.getTime()) : to);
  while (next > from && items.length < pageEntries && Date.now() - now < pageTimeMs) {
    const begin = Math.max(from, next - dayMs);
    const span = { from: new Date(begin), to: new Date(next), flowId: query.flowId };
    for (const row of await readLedger(manager, workspaceId, span)) {
      const entry = entryOf(row, onTheWay);
      onTheWay -= entry.inFlight.onTheWay;
      items.push(entry);
    }
    next = begin;
  }
  return {
    outcome: 'read',
    ledger: {
      items,
      nextCursor: next > from ? new Date(next).toISOString() : null,
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      balanced: items.every(({ balanced }) => balanced),
    },
  };
}

/** `mayBeOnTheWay`: how many triggers there may be in their queue that are not accounted for yet, whosoever they are. */
function entryOf({ flowId, hour, accepted, ...found }: LedgerRow, mayBeOnTheWay: number): LedgerEntry {
  const { succeeded, failed, cancelled, duplicate, queued, running, waiting, parked } = found;
  const difference = accepted - Object.values(found).reduce((sum, count) => sum + count, 0);
  const absent = Math.max(0, difference);
  const onTheWay = Math.min(absent, mayBeOnTheWay);
  const missing = absent - onTheWay;
  return {
    flowId,
    hour: hour.toISOString(),
    accepted,
    succeeded,
    failed,
    cancelled,
    duplicate,
    inFlight: { queued, running, waiting, onTheWay },
    parked,
    missing,
    uncounted: Math.max(0, -difference),
    balanced: missing === 0,
  };
}

function hourOf(timeMs: number): number {
  return Math.floor(timeMs / hourMs) * hourMs;
}

function hourAfter(timeMs: number): number {
  return Math.ceil(timeMs / hourMs) * hourMs;
}
