import { withClient } from '../measure/database.js';

const insertedAtOnce = 50_000;
/** Between two runs: a million of them take up the last eleven hours, so most are of the day that is written to. */
const apartMs = 40;

// A UUIDv7 of the past; what follows its time is made of the number, so that no two are the same.
const text = `
with template as (select * from run where id = $1), made as (
  select (lpad(to_hex($2::bigint - n * $5::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 3)
          || '8' || substr(md5(n::text), 4, 15))::uuid as id
  from generate_series($3::bigint, $4::bigint) as n
), runs as (
  insert into run (id, workspace_id, flow_id, version_id, status, open_steps, failed_steps, started_at, finished_at,
                   request, body)
  select made.id, workspace_id, flow_id, version_id, status, open_steps, failed_steps, started_at, finished_at, request, body
  from made, template
)
insert into step_run (run_id, step_id, path, workspace_id, flow_id, version_id, status, attempt, input, output,
                      output_count, component_version, started_at, finished_at)
select made.id, step_id, path, workspace_id, flow_id, version_id, status, attempt, input, output, output_count,
       component_version, started_at, finished_at
from made, step_run where run_id = $1`;

/**
 * Writes finished runs with their step runs into Millrace's run log, each as the newest one of the flow is, with ids of the
 * past. @throws Error when the flow has no finished run.
 */
export async function addFinishedRuns(databaseUrl: string, flowId: string, count: number): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ id: string }>(
      `select id from run where flow_id = $1 and status = 'succeeded' order by id desc limit 1`,
      [flowId],
    );
    const template = rows[0]?.id;
    if (template === undefined) throw new Error(`Flow ${flowId} has no finished run to make more of.`);
    const beforeMs = Date.now();
    for (let done = 0; done < count; done += insertedAtOnce) {
      await client.query(text, [template, beforeMs, done + 1, Math.min(count, done + insertedAtOnce), apartMs]);
    }
  });
}
