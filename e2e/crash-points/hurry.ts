import type { World } from './world.js';

/** Lets the time of what runs be over. */
export async function makeOverdue({ database }: World, fromAttempt = 1): Promise<void> {
  await database.dataSource.query(`update step_run set due_at = now() where status = 'running' and attempt >= $1`, [
    fromAttempt,
  ]);
}

/** Lets the time be over for which what was begun is left to whoever began it: steps, polls, cancellations and jobs. */
export async function makeAbandoned({ database }: World): Promise<void> {
  for (const statement of [
    `update step_run set due_at = now() - interval '1 s' where status = 'running' and overdue_after_ms is not null`,
    `update schedule set resend_at = now() where resend_at is not null`,
    `update run_cancellation set cancelled_at = now() - interval '1 min'`,
    `update bulk_job set lease_until = now() where lease_until is not null`,
  ]) {
    await database.dataSource.query(statement);
  }
}
