import { newId, type FlowVersionId, type RunId, type StepId, type StepPath } from '@millrace/contracts';
import { seedFlow, useTestDatabase, type SeededFlow } from '@millrace/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { openDatabase, type Database } from '../database.js';
import { findResumeVersions } from './find-resume-step.js';
import { insertResume } from './insert-resume.js';
import { insertRuns } from './insert-runs.js';
import { removeOldResumes } from './remove-old-resumes.js';

const testDatabase = useTestDatabase();
let database: Database;
let flow: SeededFlow;
beforeAll(async () => {
  database = await openDatabase({ url: testDatabase.url, applicationName: 'spec' });
});
afterAll(() => database.close());
beforeEach(async () => {
  flow = await seedFlow(database, { steps: [], edges: [] });
});

const request = { method: 'GET', path: '', query: {}, headers: {}, contentType: '' };
const dayMs = 86_400_000;

/** A run that was resumed, and whose call was kept so many days ago. */
async function resumed({ days, endedDays }: { days: number; endedDays?: number }): Promise<RunId> {
  const id = newId<RunId>();
  const run = { id, triggerStepId: 'step_1' as StepId, receivedAt: Date.now(), request: '{}', body: Buffer.from('{}') };
  await insertRuns(database, [{ ...flow, ...run, dueInMs: 60_000 }]);
  const target = { runId: id, versionId: flow.versionId, stepId: 'step_2' as StepId, path: '0' as StepPath };
  const judgedBy = [{ versionId: flow.versionId, maxCalls: 1 }];
  const call = { id: newId<RunId>(), workspaceId: flow.workspaceId, target, judgedBy, request };
  const kept = await insertResume(database, { ...call, ancestors: ['step_1' as StepId], body: Buffer.from('{}') });
  expect(kept).toBe('kept');
  await database.dataSource.query(`update resume set received_at = now() - $2 * interval '1 day' where run_id = $1`, [
    id,
    days,
  ]);
  if (endedDays !== undefined) {
    await database.dataSource.query(`update run set finished_at = now() - $2 * interval '1 day' where id = $1`, [
      id,
      endedDays,
    ]);
  }
  return id;
}

it('calls of resume URLs go a day after their run ended or was dropped, and stay while it goes on', async () => {
  const waits = await resumed({ days: 20 });
  const justEnded = await resumed({ days: 20, endedDays: 0.5 });
  await resumed({ days: 20, endedDays: 2 });
  const dropped = await resumed({ days: 20 });
  await database.dataSource.query('delete from run where id = $1', [dropped]);
  expect(await removeOldResumes(database, { limit: 1, keptForMs: dayMs })).toBe(1);
  expect(await removeOldResumes(database, { limit: 10, keptForMs: dayMs })).toBe(1);
  expect(await removeOldResumes(database, { limit: 10, keptForMs: dayMs })).toBe(0);
  const left = await database.dataSource.query<{ run_id: RunId }[]>('select run_id from resume');
  expect(left.map((row) => row.run_id).toSorted()).toEqual([waits, justEnded].toSorted());
});

it('a call that was judged by another version than the step run goes on with is not kept', async () => {
  const id = newId<RunId>();
  const stepId = 'step_1' as StepId;
  const run = { id, triggerStepId: stepId, receivedAt: Date.now(), request: '{}', body: Buffer.from('{}') };
  await insertRuns(database, [{ ...flow, ...run, dueInMs: 60_000 }]);
  const target = { runId: id, versionId: flow.versionId, stepId, path: '' as StepPath };
  const call = { workspaceId: flow.workspaceId, target, ancestors: [], request, body: Buffer.from('{}') };
  const judged = (versionId: FlowVersionId) =>
    insertResume(database, { ...call, id: newId<RunId>(), judgedBy: [{ versionId, maxCalls: 9 }] });
  expect(await findResumeVersions(database, target)).toEqual([flow.versionId]);
  expect(await judged(flow.versionId)).toBe('kept');
  const versionId = newId<FlowVersionId>();
  await database.dataSource.query('update step_run set version_id = $2 where run_id = $1', [id, versionId]);
  expect(await judged(flow.versionId)).toBe('changed');
  expect(await findResumeVersions(database, target)).toEqual([versionId]);
  expect(await judged(versionId)).toBe('kept');
});
