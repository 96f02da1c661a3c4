import type { RunId, StepId, StepPath, WorkspaceId } from '@millrace/contracts';
import type { Database } from '../database.js';

export interface SentStep {
  workspaceId: WorkspaceId;
  /** The component that its message went to. */
  component: string;
}

const text = `
select sr.workspace_id as "workspaceId", s.step ->> 'component' as component
from step_run sr
join flow_version v on v.id = sr.version_id
join lateral (
  select published.step from json_array_elements(v.definition -> 'steps') as published (step)
  where published.step ->> 'id' = sr.step_id
) s on true
where sr.run_id = $1 and sr.step_id = $2 and sr.path = $3 and sr.attempt = $4 and sr.status = 'running'`;

/**
 * The attempt of a step run that a component works on; `undefined` when it does not run (any more). Whoever asks names no
 * workspace: the row does, and whether the component is the right one is for the caller to judge.
 */
export async function findSentStep(
  database: Database,
  step: { runId: RunId; stepId: StepId; path: StepPath; attempt: number },
): Promise<SentStep | undefined> {
  const { runId, stepId, path, attempt } = step;
  return (await database.hot<SentStep>({ name: 'find-sent-step', text, values: [runId, stepId, path, attempt] }))[0];
}
