import { newId, rootPath, type RunId, type StepId } from '@millrace/contracts';
import { seedFlow, useTestDatabase } from '@millrace/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDatabase, type Database } from '../database.js';
import { insertRuns } from './insert-runs.js';
import { keepUnsentSteps, markStepsSent, takeUnsentSteps } from './unsent-steps.js';

const testDatabase = useTestDatabase();
let database: Database;
beforeAll(async () => {
  database = await openDatabase({ url: testDatabase.url, applicationName: 'spec' });
});
afterAll(() => database.close());

/** A step run that was made running by somebody who has not sent it in time. */
async function unsent() {
  const flow = await seedFlow(database, { steps: [], edges: [] });
  const runId = newId<RunId>();
  const stepId = 'step_1' as StepId;
  const run = { id: runId, triggerStepId: stepId, receivedAt: Date.now(), request: '{}', body: Buffer.from('{}') };
  await insertRuns(database, [{ ...flow, ...run, dueInMs: 60_000 }]);
  await database.dataSource.query(
    `update step_run set overdue_after_ms = 60000, due_at = now() - interval '1 s' where run_id = $1`,
    [runId],
  );
  return { runId, stepId, path: rootPath, attempt: 1 };
}

it('what nobody has sent in time is taken, by one alone, and what is kept or was sent by nobody', async () => {
  const [left, kept, sent] = [await unsent(), await unsent(), await unsent()];
  await keepUnsentSteps(database, [kept]);
  await markStepsSent(database, [sent]);
  const [one, other] = await Promise.all([takeUnsentSteps(database, 10), takeUnsentSteps(database, 10)]);
  expect([...one, ...other]).toMatchObject([left]);
});

it('a step that was sent is kept for its whole time, whoever still says that it is being sent', async () => {
  const sent = await unsent();
  await markStepsSent(database, [sent]);
  await keepUnsentSteps(database, [sent]);
  const [row] = await database.dataSource.query<{ seconds: number }[]>(
    'select extract(epoch from due_at - now())::float8 as seconds from step_run where run_id = $1',
    [sent.runId],
  );
  expect(row?.seconds).toBeGreaterThan(50);
});
