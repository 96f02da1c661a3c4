import { removeOldResumes, type Database } from '@millrace/persistence';

const removedAtOnce = 500;
/** So long a second call is told that there was a first. */
const keptForMs = 24 * 3_600_000;

/** Removes calls of resume URLs a day after their run ended. Several orchestrators at once share the work. */
export async function removeResumes(database: Database, stopping: AbortSignal): Promise<void> {
  for (let removed = removedAtOnce; removed === removedAtOnce && !stopping.aborted;) {
    removed = await removeOldResumes(database, { limit: removedAtOnce, keptForMs });
  }
}
