import { queues } from '@millrace/contracts';
import { parkedFlowPattern } from '../control/ledger.js';
import type { LedgerCheck } from './ledger-check.js';

/** Requests from the door to their runs, and what is kept beside them. */
export const requestChecks: readonly LedgerCheck[] = [
  {
    name: 'missing-runs',
    says: 'hours in which more requests were accepted than there are runs and parked triggers',
    remedy: 'ask the senders to send them again, and look for a broker that lost its disk',
    kind: 'unless-queued',
    text: `
select a.flow_id || ' ' || to_char(a.hour at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"') as id,
       'accepted ' || a.accepted || ', found ' || a.found as detail
from (
  select c.flow_id, c.hour, c.accepted, (
           select count(*) from run r
           where r.flow_id = c.flow_id and r.id >= first_id_at(c.hour) and r.id < first_id_at(c.hour + interval '1 hour')
         ) + (
           select count(distinct p.message_id) from parked_message p
           where p.queue = '${queues.triggers}' and substring(p.headers::text from '${parkedFlowPattern}') = c.flow_id::text
             and p.message_id >= first_id_at(c.hour)::text collate "C"
             and p.message_id < first_id_at(c.hour + interval '1 hour')::text collate "C"
             and not exists (select 1 from run r where r.id::text = p.message_id)
         ) as found
  from (
    select a.flow_id, a.hour, sum(a.calls) as accepted
    from accepted_calls a join workspace w on w.id = a.workspace_id
    where a.hour > now() - make_interval(days => w.retention_days)
    group by a.flow_id, a.hour
  ) c
) a
where a.accepted > a.found`,
  },
  {
    name: 'keys-of-nothing',
    says: 'keys of deduplication whose run is not there: requests with them are taken for duplicates of nothing',
    remedy: 'delete the rows of deduplication, and replay the duplicates that name these runs',
    kind: 'unless-queued',
    text: `
select d.run_id::text as id, 'flow ' || d.flow_id || ', expires ' || d.expires_at as detail
from deduplication d join flow f on f.id = d.flow_id join workspace w on w.id = f.workspace_id
where d.expires_at > now() and not exists (select 1 from run r where r.id = d.run_id)
  and d.run_id > first_id_at(now() - make_interval(days => w.retention_days))
  and d.run_id < first_id_at(now() - interval '1 minute')
  and not exists (select 1 from parked_message p where p.message_id = d.run_id::text)`,
  },
  {
    name: 'parked',
    says: 'messages that nobody could handle',
    remedy: 'release or delete them: GET /v1/parked tells their reasons',
    kind: 'open',
    text: `
select id::text as id, queue || ', ' || message_id || ': ' || left(reason, 200) as detail from parked_message`,
  },
  {
    name: 'unfinished-files',
    says: 'files that were not written or removed to their end within six hours',
    remedy: 'an instance of webhooks-service removes them within an hour, if it has the place that they are in',
    kind: 'open',
    text: `
select id::text as id, status || ' in ' || store || ' since ' || created_at as detail
from attachment where status <> 'stored' and created_at < now() - interval '6 hours'`,
  },
];
