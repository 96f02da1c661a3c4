import type { FlowId, RunId, StepId } from '@millrace/contracts';
import type { Database } from '../database.js';

// Whoever deletes the capture has won it: the others wait for the row and find that it is gone.
const text = `
with won as (
  delete from sample_capture where flow_id = $1 and expires_at > now()
  returning flow_id, step_id, workspace_id
)
insert into sample (flow_id, step_id, workspace_id, source, output, request_id)
select flow_id, step_id, workspace_id, 'captured', $2::json, $3 from won
on conflict (flow_id, step_id) do update
set source = excluded.source, output = excluded.output, request_id = excluded.request_id, updated_at = now()
returning step_id as "stepId"`;

/**
 * Makes a request the sample of the step that waits for one, and ends the waiting. Resolves the step; `undefined` when
 * none waits any more, because another request came first or because time is over. `output` is JSON text.
 */
export async function saveCapturedSample(
  database: Database,
  captured: { flowId: FlowId; requestId: RunId; output: string },
): Promise<StepId | undefined> {
  const { flowId, requestId, output } = captured;
  const rows = await database.hot<{ stepId: StepId }>({
    name: 'save-captured-sample',
    text,
    values: [flowId, output, requestId],
  });
  return rows[0]?.stepId;
}
