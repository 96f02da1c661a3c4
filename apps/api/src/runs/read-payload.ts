import { hookRequestInput, type Json, type LogEntry, type WorkspaceId } from '@millrace/contracts';
import {
  readRunRequest,
  readStepPayload,
  type Database,
  type FailedAttempt,
  type StepRunPlace,
} from '@millrace/persistence';
import type { PayloadPartName } from './schemas.js';
import type { StepMasks } from './step-masks.js';
import { attemptErrorViews, logViews, outputView } from './step-view.js';

/**
 * One payload of a step run, whole, as JSON text in the shape in which runs show it, secrets hidden; `undefined` when the
 * workspace has no such step run. Only what holds a secret, or looks different in a run, is taken apart for it.
 */
export async function readPayload(
  { database, stepMasks }: { database: Database; stepMasks: StepMasks },
  workspaceId: WorkspaceId,
  { part, ...place }: StepRunPlace & { part: PayloadPartName },
): Promise<string | undefined> {
  const { manager } = database.dataSource;
  const row = await readStepPayload(manager, workspaceId, {
    ...place,
    part: part === 'attemptErrors' ? 'attempts' : part,
  });
  if (!row) return undefined;
  const read = <Value>(absent: Value): Value => (row.text === null ? absent : (JSON.parse(row.text) as Value));
  if (part === 'logs') return JSON.stringify(logViews(read<LogEntry[]>([])));
  if (part === 'attemptErrors') return JSON.stringify(attemptErrorViews(read<FailedAttempt[]>([])));
  if (part === 'error') return row.text ?? 'null';
  if (part === 'input' && place.path === '') {
    const kept = await readRunRequest(manager, workspaceId, place.runId);
    if (kept) return JSON.stringify(hookRequestInput(kept.request, kept.body));
  }
  const mask = (await stepMasks.find(workspaceId, [row.versionId]))(row.versionId, place.stepId);
  if (!mask.hides[part]) return row.text ?? 'null';
  const value = read<Json>(null);
  return JSON.stringify(
    part === 'input' ? mask.input(value) : outputView({ output: value, outputCount: row.outputCount }, mask),
  );
}
