import { ParameterError } from './array-parameter.js';

// What is wrong is in what was given to Postgres: cardinality, data and integrity violations, and a program limit
// exceeded. https://www.postgresql.org/docs/current/errcodes-appendix.html
const dataClasses = new Set(['21', '22', '23', '54']);

/** What pg says when there is no connection, or none any more; it gives these errors no code. */
const connectionMessages =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed|Query read timeout|Cannot use a pool after calling end)/;

/**
 * Tells what a failed statement means. `data`: Postgres refused what was given to it, or would, and would again. `transient`:
 * anything else that Postgres or the way to it is the reason of, such as no connection, a deadlock, a standby that only
 * reads, or a schema that is not migrated yet; the same statement may succeed later. `other`: not an error of Postgres.
 */
export function databaseFault(error: unknown): 'transient' | 'data' | 'other' {
  if (!(error instanceof Error)) return 'other';
  if (error instanceof ParameterError) return 'data';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (/^[0-9A-Z]{5}$/.test(code) && 'severity' in error)
    return dataClasses.has(code.slice(0, 2)) ? 'data' : 'transient';
  if ('syscall' in error && /^E[A-Z]+$/.test(code)) return 'transient';
  return connectionMessages.test(error.message) ? 'transient' : 'other';
}
