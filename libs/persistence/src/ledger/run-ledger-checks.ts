import type { Database } from '../database.js';
import type { LedgerCheck, LedgerFinding } from './ledger-check.js';
import { requestChecks } from './request-checks.js';
import { runChecks } from './run-checks.js';
import { stepChecks } from './step-checks.js';

/** Every check. They go over all workspaces: they are for whoever operates the installation. */
export const ledgerChecks: readonly LedgerCheck[] = [...runChecks, ...stepChecks, ...requestChecks];

/**
 * Runs all checks on one snapshot, which writes nothing and locks nobody out, and resolves those that found something, with
 * at most `limit` of their findings each. Whole tables are read: give a database without a statement timeout.
 */
export function runLedgerChecks(database: Database, { limit }: { limit: number }): Promise<LedgerFinding[]> {
  return database.dataSource.transaction('REPEATABLE READ', async (manager) => {
    await manager.query('set transaction read only');
    // What suits look-ups of single rows is forbidden to nobody here.
    for (const planner of ['seqscan', 'hashjoin', 'mergejoin']) await manager.query(`set local enable_${planner} = on`);
    const findings: LedgerFinding[] = [];
    for (const { text, ...check } of ledgerChecks) {
      const rows = await manager.query<{ id: string; detail: string; total: number }[]>(
        `select id, detail, (count(*) over ())::int as total from (${text}) as found order by id limit $1`,
        [limit],
      );
      const [first] = rows;
      if (first) findings.push({ ...check, total: first.total, items: rows.map(({ id, detail }) => ({ id, detail })) });
    }
    return findings;
  });
}
