import type { HookRequest, ResumeTarget, RunId, StepId, WorkspaceId } from '@millrace/contracts';
import type { Database } from '../database.js';
import { pathWithin } from './path-within.js';

/** A call of a resume URL. */
export interface NewResume {
  /** The id of the request. */
  id: RunId;
  workspaceId: WorkspaceId;
  target: ResumeTarget;
  /** From the trigger down to the parent of the step: as long as one of them runs, the step may come yet. */
  ancestors: readonly StepId[];
  once: boolean;
  /** How many calls a step run takes. */
  maxCalls: number;
  request: HookRequest;
  /** JSON. */
  body: Buffer;
}

/** `gone`: the run or the step is over, or its branch never came to it. */
export type ResumeOutcome = 'kept' | 'alreadyResumed' | 'gone';

// All that happens to the waiting of a run happens while its row is locked, and the next statement sees what was before.
const lockText = `
select from run where id = $1 and workspace_id = $2 and finished_at is null and status <> 'cancelled' for update`;

const sameStep = (alias: string): string => `${alias}.run_id = $1 and ${alias}.step_id = $2`;
const callsFor = (path: string): string =>
  `(select count(*) from resume r where ${sameStep('r')} and ${pathWithin(path, 'r.path')})`;

// A call is kept where a step run can still use it: one that is there and has not had all its calls, or one to come.
const text = `
with usable as (
  select exists (
    select from step_run s
    where ${sameStep('s')} and ${pathWithin('s.path', '$3::text')} and s.status in ('running', 'waiting')
      and (s.wait_deadline is null or s.wait_deadline > clock_timestamp()) and ${callsFor('s.path')} < $5
  ) or (
    ${callsFor('$3::text')} < $5 and exists (
      select from step_run a
      where a.run_id = $1 and a.step_id = any ($4::text[]) and a.status in ('running', 'waiting')
        and (${pathWithin('a.path', '$3::text')} or ${pathWithin('$3::text', 'a.path')})
    )
  ) as yes
), kept as (
  insert into resume (id, workspace_id, run_id, step_id, path, once, request, body)
  select $6, $7, $1, $2, $3, $8, $9, $10 from usable where yes
  on conflict do nothing
  returning id
), woken as (
  update step_run s set due_at = clock_timestamp() from kept
  where ${sameStep('s')} and ${pathWithin('s.path', '$3::text')} and s.status = 'waiting' and s.waiting_for = 'resume'
    and s.wait_deadline > clock_timestamp()
)
select exists (select from kept) as kept`;

const calledText = `
select exists (select from resume r where ${sameStep('r')} and ${pathWithin('$3::text', 'r.path')}) as called`;

/**
 * Keeps a call of a resume URL, before the step waits or while it does, and makes those step runs due that wait for it.
 * What it resolves is durable. Of a URL that is good once, one call is kept, whoever calls at once.
 */
export async function insertResume(database: Database, resume: NewResume): Promise<ResumeOutcome> {
  const { id, workspaceId, target, ancestors, once, maxCalls, request, body } = resume;
  const step = [target.runId, target.stepId, target.path];
  return database.dataSource.transaction(async (manager): Promise<ResumeOutcome> => {
    const [open] = await manager.query<unknown[]>(lockText, [target.runId, workspaceId]);
    if (open) {
      const kept = [ancestors, maxCalls, id, workspaceId, once, JSON.stringify(request), body];
      const [row] = await manager.query<{ kept: boolean }[]>(text, [...step, ...kept]);
      if (row?.kept) return 'kept';
    }
    const [row] = await manager.query<{ called: boolean }[]>(calledText, step);
    return row?.called ? 'alreadyResumed' : 'gone';
  });
}
