// https://www.postgresql.org/docs/current/errcodes-appendix.html: connection exceptions, rollbacks that a second try
// gets past, insufficient resources, and the server going down or coming up.
const transientClasses = new Set(['08', '40', '53', '57', '58']);

/**
 * Tells what a failed statement means: `transient`, it may succeed when tried again (no connection, deadlock, server
 * restarting); `data`, Postgres refused what was given to it; `other`, the error isn't one of Postgres.
 */
export function databaseFault(error: unknown): 'transient' | 'data' | 'other' {
  if (!(error instanceof Error)) return 'other';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (/^[0-9A-Z]{5}$/.test(code) && 'severity' in error) {
    return transientClasses.has(code.slice(0, 2)) ? 'transient' : 'data';
  }
  if (/^E[A-Z]+$/.test(code)) return 'transient';
  return /connection|timeout/i.test(error.message) ? 'transient' : 'other';
}
