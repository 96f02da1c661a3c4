import { setTimeout as sleep } from 'node:timers/promises';
import type { FlowId, WorkspaceId } from '@millrace/contracts';
import pg from 'pg';
import type { EntityManager } from 'typeorm';

/** A row that was written or removed. Its triggers announce it with the commit. */
export interface Change {
  /** `null` of what no workspace owns, and of a parked message, whose content tells. */
  workspaceId: WorkspaceId | null;
  type: 'run' | 'flow' | 'credential' | 'sample' | 'rejection' | 'parked' | 'job' | 'component';
  flowId: FlowId | null;
  /** Of a sample its step, of a component its name. */
  id: string | null;
}

/** Announces, with the commit of the transaction, a change that no trigger sees. */
export async function announceChange(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  { type, flowId, id }: Omit<Change, 'workspaceId'>,
): Promise<void> {
  await manager.query('select announce_change($1, $2, $3, $4)', [workspaceId, type, flowId, id]);
}

export interface ChangeListener {
  close(): Promise<void>;
}

const connectWithinMs = 5_000;
const connectAgainAfterMs = 1_000;
/** A connection that a firewall has forgotten says nothing by itself. */
const askEveryMs = 15_000;

/**
 * Hears of changes on a connection of its own, for ever. `onGap` is called whenever it has begun to listen: what was committed
 * before, since a connection was lost, it has not heard. Nothing rejects; `onFault` gets what broke a connection.
 */
export function listenForChanges(options: {
  url: string;
  applicationName: string;
  onChange: (change: Change) => void;
  onGap: () => void;
  onFault: (error: unknown) => void;
}): ChangeListener {
  const { url, applicationName, onChange, onGap, onFault } = options;
  const closing = new AbortController();
  const { signal } = closing;

  async function listen(): Promise<void> {
    const client = new pg.Client({
      connectionString: url,
      application_name: applicationName,
      connectionTimeoutMillis: connectWithinMs,
      query_timeout: connectWithinMs,
      keepAlive: true,
    });
    const lost = new AbortController();
    client.on('error', (error) => lost.abort(error));
    client.on('end', () => lost.abort(new Error('Postgres ended the connection')));
    client.on('notification', ({ payload }) => {
      const change = changeIn(payload);
      if (change) onChange(change);
    });
    try {
      await client.connect();
      await client.query('listen millrace_change');
      onGap();
      const either = AbortSignal.any([signal, lost.signal]);
      for (;;) {
        await sleep(askEveryMs, undefined, { signal: either }).catch(() => undefined);
        if (signal.aborted) return;
        if (lost.signal.aborted) throw lost.signal.reason;
        await client.query('select 1');
      }
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  async function listenForEver(): Promise<void> {
    while (!signal.aborted) {
      try {
        await listen();
      } catch (error) {
        if (!signal.aborted) onFault(error);
      }
      await sleep(connectAgainAfterMs, undefined, { signal }).catch(() => undefined);
    }
  }

  const ended = listenForEver();
  return {
    async close() {
      closing.abort();
      await ended;
    },
  };
}

/** What `announce_change` wrote; `undefined` for a notification of somebody else. */
function changeIn(payload: string | undefined): Change | undefined {
  try {
    const value = JSON.parse(payload ?? '') as Partial<Change> | null;
    if (typeof value !== 'object' || typeof value?.type !== 'string') return undefined;
    const { workspaceId = null, type, flowId = null, id = null } = value;
    return { workspaceId, type, flowId, id };
  } catch {
    return undefined;
  }
}
