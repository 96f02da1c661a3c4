import type { FlowVersionId, HookRequest, LogEntry, ResumeWait, RunId } from '@millrace/contracts';
import type { Database } from '../database.js';
import { pathWithin } from './path-within.js';
import type { StepRunKey } from './read-step-runs.js';
import { unsentForMs } from './release-steps.js';

/** A step run that waits for a call, and should be looked at: it may have been called, or its time may be over. */
export interface DueWait extends StepRunKey {
  versionId: FlowVersionId;
}

/** A step run that waits no longer. */
export interface ReleasedWait {
  attempt: number;
  wait: ResumeWait;
  /** How many outputs it had before. */
  emitted: number;
  /** Of what it emitted so far, as JSON text. */
  outputBytes: number;
  startedAt: Date;
  logs: LogEntry[] | null;
  componentVersion: string | null;
  /** Missing when nobody called in time. */
  call?: KeptCall;
}

export interface KeptCall {
  /** The id of its request. */
  id: RunId;
  request: HookRequest;
  /** JSON. */
  body: Buffer;
}

const dueText = `
select run_id as "runId", step_id as "stepId", path, version_id as "versionId" from step_run
where status = 'waiting' and waiting_for = 'resume' and due_at <= now()
order by due_at limit $1`;

/** The step runs that wait for a call and are due, the longest due first. Nothing is locked or taken. */
export function findDueWaits(database: Database, limit: number): Promise<DueWait[]> {
  return database.hot<DueWait>({ name: 'find-due-waits', text: dueText, values: [limit] });
}

// Who comes second goes on with another one: that is how several orchestrators share the work.
const lockText = `select from run where id = $1 and finished_at is null for update skip locked`;

const key = (alias: string): string => `${alias}.run_id = $1 and ${alias}.step_id = $2 and ${alias}.path = $3`;

const readText = `
select s.attempt, s.wait, s.wait_emitted as emitted, octet_length(s.output::text) as "outputBytes",
       s.started_at as "startedAt", s.logs, s.component_version as "componentVersion", s.wait_deadline <= now() as late, c.id, c.request, c.body
from step_run s
left join lateral (
  select r.id, r.request, r.body from resume r
  where r.run_id = s.run_id and r.step_id = s.step_id and ${pathWithin('s.path', 'r.path')}
  order by r.position offset s.wait_emitted limit 1
) c on true
where ${key('s')} and s.status = 'waiting' and s.waiting_for = 'resume' and s.due_at <= now()`;

const laterText = `
update step_run s set due_at = s.wait_deadline
where ${key('s')} and s.status = 'waiting' and s.waiting_for = 'resume'`;

// Marked as unsent: whoever looks next takes it up within seconds if the caller dies before its result is sent.
const releaseText = `
with released as (
  update step_run s
  set status = 'running', waiting_for = null, overdue_after_ms = $4,
      due_at = now() + interval '${unsentForMs} ms'
  where ${key('s')} and s.status = 'waiting' and s.waiting_for = 'resume'
  returning s.run_id
), going as (
  update run r set status = 'running' from released
  where r.id = released.run_id and r.status = 'waiting' and not exists (
    select from step_run o
    where o.run_id = r.id and o.status = 'waiting' and o.waiting_for is not null and (o.step_id, o.path) <> ($2, $3)
  )
)
select run_id from released`;

type ReadRow = Omit<ReleasedWait, 'call' | 'outputBytes'> & {
  outputBytes: number | null;
  late: boolean;
  id: RunId | null;
  request: HookRequest;
  body: Buffer;
};

/**
 * Ends the waiting of a step run that was called or whose time is over, and makes it running again: the caller sends its
 * result and says so (`markStepsSent`); one that dies before leaves an unsent step, which is asked once more, waits and comes
 * here again. Which call
 * counts follows from the kept calls alone: the first, or of one that takes several the first that has no output yet.
 * Resolves `undefined` when there is nothing to do yet, or another one does it.
 */
export async function releaseWait(
  database: Database,
  { runId, stepId, path, overdueAfterMs }: StepRunKey & { overdueAfterMs: number },
): Promise<ReleasedWait | undefined> {
  const step = [runId, stepId, path];
  return database.dataSource.transaction(async (manager) => {
    const [open] = await manager.query<unknown[]>(lockText, [runId]);
    if (!open) return undefined;
    const [row] = await manager.query<ReadRow[]>(readText, step);
    if (!row) return undefined;
    const { id, request, body, late, outputBytes, ...wait } = row;
    if (id === null && !late) {
      await manager.query(laterText, step);
      return undefined;
    }
    const [released] = await manager.query<unknown[]>(releaseText, [...step, overdueAfterMs]);
    if (!released) return undefined;
    const known = { ...wait, outputBytes: outputBytes ?? 0 };
    return id === null ? known : { ...known, call: { id, request, body } };
  });
}
