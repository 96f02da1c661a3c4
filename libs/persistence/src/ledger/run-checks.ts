import type { LedgerCheck } from './ledger-check.js';

/** Runs against their step runs: the counters of a run follow from the rows of its steps. */
export const runChecks: readonly LedgerCheck[] = [
  {
    name: 'open-steps',
    says: 'runs whose number of open steps is not that of their rows',
    remedy:
      'a run that counts too many never ends, one that counts too few ends early: cancel it and replay its request',
    kind: 'imbalance',
    text: `
select r.id::text as id, 'counts ' || r.open_steps || ', has ' || coalesce(s.open, 0) as detail
from run r
left join (
  select run_id, count(*) as open from step_run where status in ('running', 'waiting') group by run_id
) s on s.run_id = r.id
where r.open_steps <> coalesce(s.open, 0)`,
  },
  {
    name: 'failed-steps',
    says: 'runs whose number of failed steps is not that of their rows',
    remedy: 'the status of the run may be wrong: look at its steps, and replay its request if need be',
    kind: 'imbalance',
    text: `
select r.id::text as id, 'counts ' || r.failed_steps || ', has ' || coalesce(s.failed, 0) as detail
from run r
left join (select run_id, count(*) as failed from step_run where status = 'failed' group by run_id) s on s.run_id = r.id
where r.failed_steps <> coalesce(s.failed, 0)`,
  },
  {
    name: 'stranded',
    says: 'runs that have not ended and have no open step: nothing will ever go on with them',
    remedy: 'cancel them and replay their requests',
    kind: 'imbalance',
    text: `
select r.id::text as id, r.status || ' since ' || r.started_at as detail
from run r
where r.finished_at is null and r.status <> 'queued'
  and not exists (select 1 from step_run s where s.run_id = r.id and s.status in ('running', 'waiting'))`,
  },
  {
    name: 'queued-nowhere',
    says: 'runs that are queued and have no place in the queue of their flow: nothing will ever begin them',
    remedy: 'cancel them and replay their requests',
    kind: 'imbalance',
    text: `
select r.id::text as id, 'queued since ' || r.started_at as detail
from run r
where r.status = 'queued' and not exists (
  select 1 from held_run h where h.flow_id = r.flow_id and h.run_id = r.id and h.state in ('arrived', 'behind', 'queued')
)`,
  },
  {
    name: 'places-of-nothing',
    says: 'places in queues whose run is not there',
    remedy: 'they may hold up others of their key: delete the rows of held_run',
    kind: 'imbalance',
    text: `
select h.run_id::text as id, h.state || ', flow ' || h.flow_id as detail
from held_run h
where not exists (select 1 from run r where r.id = h.run_id)`,
  },
  {
    name: 'ended-open',
    says: 'runs that have ended with steps that have not',
    remedy: 'the steps go on without effect on the run: look at what they did, and cancel them',
    kind: 'imbalance',
    text: `
select r.id::text as id, r.status || ', open: ' || string_agg(s.step_id || coalesce(' ' || nullif(s.path, ''), ''), ', ') as detail
from run r join step_run s on s.run_id = r.id
where r.finished_at is not null and s.status in ('running', 'waiting')
group by r.id, r.status`,
  },
  {
    name: 'wrong-end',
    says: 'runs whose status contradicts their end',
    remedy: 'look at the steps of the run, and replay its request if need be',
    kind: 'imbalance',
    text: `
select id::text as id, status || ', ' || failed_steps || ' failed steps, '
         || coalesce('ended ' || finished_at, 'not ended') as detail
from run
where (finished_at is null) <> (status in ('queued', 'running', 'waiting'))
   or (status = 'succeeded' and failed_steps > 0) or (status = 'failed' and failed_steps = 0)`,
  },
  {
    name: 'duplicate-of-nothing',
    says: 'duplicates of a run that is not there, though it would be kept',
    remedy: 'replay the newest of them: its request was taken for a copy of one that was never carried out',
    kind: 'unless-queued',
    text: `
select d.id::text as id, 'of ' || coalesce(d.duplicate_of::text, 'no run') as detail
from run d join workspace w on w.id = d.workspace_id
where d.status = 'duplicate' and not exists (select 1 from run r where r.id = d.duplicate_of)
  and (d.duplicate_of is null or d.duplicate_of > first_id_at(now() - make_interval(days => w.retention_days)))`,
  },
];
