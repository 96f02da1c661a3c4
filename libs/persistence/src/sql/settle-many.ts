import type { Database } from '../database.js';
import {
  settleSteps,
  type AlsoWritten,
  type OpenedStep,
  type SettledSteps,
  type StepSettlement,
} from './settle-steps.js';

const text = `
insert into step_run (run_id, step_id, path, workspace_id, flow_id, version_id, status, input, due_at, error)
select run_id, step_id, path, workspace_id, flow_id, version_id, 'running', input,
       now() + make_interval(secs => due_in_ms / 1000.0), error
from unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::uuid[], $6::uuid[], $7::json[], $8::int[], $9::json[])
  as t (run_id, step_id, path, workspace_id, flow_id, version_id, input, due_in_ms, error)
on conflict do nothing`;

/**
 * As `settleSteps`, for settlements that open more step runs than one statement should hold: these come in portions, which
 * are made one after the other, and all of it is one transaction. `opensLater` of each settlement says how many of them are its own.
 * Safe to repeat: of a settlement that does not take effect nothing is opened.
 */
export function settleManySteps(
  database: Database,
  settlements: StepSettlement[],
  portions: Iterable<OpenedStep[]>,
  also?: AlsoWritten,
): Promise<SettledSteps> {
  return database.dataSource.transaction(async (manager) => {
    const hot = <Row>({ text, values }: { text: string; values: unknown[] }) => manager.query<Row[]>(text, values);
    const settled = await settleSteps({ hot }, settlements, [], also);
    if (settled.won.size === 0) return settled;
    for (const portion of portions) {
      const opened = portion.filter(({ parent }) => settled.won.has(parent));
      if (opened.length > 0) await manager.query(text, valuesOf(opened));
    }
    return settled;
  });
}

function valuesOf(opened: OpenedStep[]): unknown[] {
  return [
    opened.map((step) => step.runId),
    opened.map((step) => step.stepId),
    opened.map((step) => step.path),
    opened.map((step) => step.workspaceId),
    opened.map((step) => step.flowId),
    opened.map((step) => step.versionId),
    opened.map((step) => step.input),
    opened.map((step) => step.dueInMs),
    opened.map((step) => step.error ?? null),
  ];
}
