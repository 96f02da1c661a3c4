import type { FlowVersionId, HookRequest, ResumeTarget, RunId, StepId, WorkspaceId } from '@millrace/contracts';
import type { Database } from '../database.js';
import { pathWithin } from './path-within.js';
import { resumeVersions } from './resume-versions.js';

/** A call of a resume URL. */
export interface NewResume {
  /** The id of the request. */
  id: RunId;
  workspaceId: WorkspaceId;
  target: ResumeTarget;
  /** From the trigger down to the parent of the step: as long as one of them runs, the step may come yet. */
  ancestors: readonly StepId[];
  /** The versions that the call was judged by: see `findResumeVersions`. */
  judgedBy: readonly JudgingVersion[];
  request: HookRequest;
  /** JSON. */
  body: Buffer;
}

export interface JudgingVersion {
  versionId: FlowVersionId;
  /** How many calls a step run of it takes, as long as the step run has not said so itself. */
  maxCalls: number;
}

/**
 * `gone`: the run or the step is over, or its branch never came to it. `changed`: a step run goes on with a version that the
 * call was not judged by, as when it was retried meanwhile.
 */
export type ResumeOutcome = 'kept' | 'alreadyResumed' | 'gone' | 'changed';

// All that happens to the waiting of a run happens while its row is locked, and the next statement sees what was before.
const lockText = `
select from run where id = $1 and workspace_id = $2 and finished_at is null and status <> 'cancelled' for update`;

const sameStep = (alias: string): string => `${alias}.run_id = $1 and ${alias}.step_id = $2`;
const callsFor = (path: string): string =>
  `(select count(*) from resume r where ${sameStep('r')} and ${pathWithin(path, 'r.path')})`;

// A call is kept where a step run can still use it: one that is there and has not had all its calls, or one to come. What a
// step run said when it first waited counts, also where the version that it goes on with says something else.
const text = `
with judging as (
  select * from unnest($5::uuid[], $6::int[]) as j (version_id, max_calls)
), verdict as (
  select exists (
    select from (${resumeVersions}) v where not exists (select from judging j where j.version_id = v.version_id)
  ) as changed
), free as (
  select o.max_calls from (
    select s.path, case when s.wait ->> 'uses' = 'once' then 1
                        else coalesce((s.wait ->> 'maxCalls')::int, j.max_calls) end as max_calls
    from step_run s left join judging j on j.version_id = s.version_id
    where ${sameStep('s')} and ${pathWithin('s.path', '$3::text')} and s.status in ('running', 'waiting')
      and (s.wait_deadline is null or s.wait_deadline > clock_timestamp())
  ) o
  where ${callsFor('o.path')} < o.max_calls
  union all
  select j.max_calls from (select max(max_calls) as max_calls from judging) j
  where ${callsFor('$3::text')} < j.max_calls and exists (
    select from step_run a
    where a.run_id = $1 and a.step_id = any ($4::text[]) and a.status in ('running', 'waiting')
      and (${pathWithin('a.path', '$3::text')} or ${pathWithin('$3::text', 'a.path')})
  )
), kept as (
  insert into resume (id, workspace_id, run_id, step_id, path, once, request, body)
  select $7, $8, $1, $2, $3, f.max_calls = 1, $9, $10
  from (select max(max_calls) as max_calls from free) f, verdict
  where f.max_calls is not null and not verdict.changed
  on conflict do nothing
  returning id
), woken as (
  update step_run s set due_at = clock_timestamp() from kept
  where ${sameStep('s')} and ${pathWithin('s.path', '$3::text')} and s.status = 'waiting' and s.waiting_for = 'resume'
    and s.wait_deadline > clock_timestamp()
)
select exists (select from kept) as kept, changed from verdict`;

const calledText = `
select exists (select from resume r where ${sameStep('r')} and ${pathWithin('$3::text', 'r.path')}) as called`;

/**
 * Keeps a call of a resume URL, before the step waits or while it does, and makes those step runs due that wait for it.
 * What it resolves is durable. Of a URL that is good once, one call is kept, whoever calls at once.
 */
export async function insertResume(database: Database, resume: NewResume): Promise<ResumeOutcome> {
  const { id, workspaceId, target, ancestors, judgedBy, request, body } = resume;
  const step = [target.runId, target.stepId, target.path];
  return database.dataSource.transaction(async (manager): Promise<ResumeOutcome> => {
    const [open] = await manager.query<unknown[]>(lockText, [target.runId, workspaceId]);
    if (open) {
      const versions = judgedBy.map(({ versionId }) => versionId);
      const judging = [versions, judgedBy.map(({ maxCalls }) => maxCalls)];
      const kept = [id, workspaceId, JSON.stringify(request), body];
      const [row] = await manager.query<{ kept: boolean; changed: boolean }[]>(text, [
        ...step,
        ancestors,
        ...judging,
        ...kept,
      ]);
      if (row?.kept) return 'kept';
      if (row?.changed) return 'changed';
    }
    const [row] = await manager.query<{ called: boolean }[]>(calledText, step);
    return row?.called ? 'alreadyResumed' : 'gone';
  });
}
