import type { Logger } from '@millrace/observability';
import {
  removeExpiredCaptures,
  removeExpiredInvitations,
  removeExpiredOAuth2Authorizations,
  removeOldAudit,
  removeOldBulkJobs,
  removeOldSignInFailures,
  sessionRepository,
  type Database,
} from '@millrace/persistence';
import { signInWindowSeconds } from './sessions/sign-in-bounds.js';

const jobsKeptForDays = 90;
const everyMs = 10 * 60 * 1_000;

/**
 * Removes expired sessions, sample captures, one-time links and authorizations, old sign-in failures, bulk jobs and entries of
 * the audit from time to time. Every replica may do it. Returns what ends it.
 */
export function startHousekeeping(database: Database, logger: Logger, options: { auditKeptDays: number }): () => void {
  const timer = setInterval(() => {
    tidy(database, options.auditKeptDays).catch((error: unknown) =>
      logger.warn({ err: error }, 'housekeeping failed, it is tried again'),
    );
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

async function tidy(database: Database, auditKeptDays: number): Promise<void> {
  const { manager } = database.dataSource;
  await sessionRepository(manager).removeExpired();
  await removeOldSignInFailures(manager, signInWindowSeconds);
  await removeExpiredCaptures(manager);
  await removeExpiredInvitations(manager);
  await removeExpiredOAuth2Authorizations(manager);
  await removeOldBulkJobs(manager, jobsKeptForDays);
  await removeOldAudit(manager, auditKeptDays);
}
