import type { LedgerCheck } from './ledger-check.js';

const place = `s.run_id || ' ' || s.step_id || coalesce(' ' || nullif(s.path, ''), '')`;

/** Step runs by themselves. */
export const stepChecks: readonly LedgerCheck[] = [
  {
    name: 'overdue',
    says: 'steps whose time came more than ten minutes ago, and nobody took them',
    remedy: 'start an orchestrator: its releaser and its reconciler take what is due within seconds',
    kind: 'imbalance',
    text: `
select ${place} as id, s.status || ', due ' || s.due_at as detail
from step_run s
where s.due_at < now() - interval '10 minutes' and s.status in ('running', 'waiting')`,
  },
  {
    name: 'never-due',
    says: 'running steps that nobody would send again',
    remedy: 'cancel their runs and replay their requests',
    kind: 'imbalance',
    text: `
select ${place} as id, 'running since ' || s.started_at as detail
from step_run s where s.status = 'running' and s.due_at is null`,
  },
  {
    name: 'without-run',
    says: 'steps of runs that are not there',
    remedy: 'nothing shows or ends them: delete the rows',
    kind: 'imbalance',
    text: `
select ${place} as id, s.status || ' since ' || s.started_at as detail
from step_run s left join run r on r.id = s.run_id
where r.id is null`,
  },
];
