import type { FlowId, RunId } from '@millrace/contracts';
import type { EntityManager } from 'typeorm';

/** What becomes of the key of a run that failed. */
export type FailedKeys = 'free' | 'untilRetried' | 'untilReleased';

const endedText = `
with ended as (
  select h.run_id, h.order_key,
         h.state = 'begun' and $2 <> 'free' and h.order_key is not null and r.status = 'failed' as keeps
  from held_run h left join run r on r.id = h.run_id
  where h.flow_id = $1 and h.state = 'begun' and (r.id is null or r.finished_at is not null)
  union all
  select h.run_id, h.order_key, false
  from held_run h left join run r on r.id = h.run_id
  where $3 and $2 <> 'untilReleased' and h.flow_id = $1 and h.state = 'failed'
    and ($2 = 'free' or r.id is null or r.status in ('succeeded', 'cancelled'))
), kept as (
  update held_run h set state = 'failed' from ended e
  where e.keeps and h.flow_id = $1 and h.run_id = e.run_id
  returning h.run_id
), gone as (
  delete from held_run h using ended e
  where not e.keeps and h.flow_id = $1 and h.run_id = e.run_id
  returning h.order_key
)
select order_key as "orderKey" from gone
union all select null from kept`;

/**
 * Takes the places, and with them the keys, of runs that have ended, and resolves how many places and which keys. `whole`:
 * looks at those, too, that keep their key because they failed.
 */
export async function freePlaces(
  manager: EntityManager,
  flowId: FlowId,
  { failedKeys, whole }: { failedKeys: FailedKeys; whole: boolean },
): Promise<{ count: number; keys: Buffer[] }> {
  const rows = await manager.query<{ orderKey: Buffer | null }[]>(endedText, [flowId, failedKeys, whole]);
  return { count: rows.length, keys: rows.flatMap(({ orderKey }) => orderKey ?? []) };
}

export interface Arrived {
  runId: RunId;
  orderKey: Buffer;
}

/** Runs with a key of which nobody knows yet whether they may begin, the earliest first. */
export function readArrived(manager: EntityManager, flowId: FlowId, limit: number): Promise<Arrived[]> {
  return manager.query<Arrived[]>(
    `select run_id as "runId", order_key as "orderKey" from held_run
     where flow_id = $1 and state = 'arrived' order by run_id limit $2`,
    [flowId, limit],
  );
}

const firstWaiting = (state: string): string => `(
  select run_id from held_run where flow_id = $1 and order_key = k.order_key and state = '${state}' order by run_id limit 1
)`;

// Of each key at most one is queued: the earliest, and it only when no other has begun or keeps the key.
const forwardText = `
with head as (
  select k.order_key,
         case when not exists (
           select from held_run where flow_id = $1 and order_key = k.order_key and state in ('begun', 'failed')
         ) then (
           select run_id from (values (${firstWaiting('arrived')}), (${firstWaiting('behind')}), (${firstWaiting('queued')})) as w (run_id)
           where run_id is not null order by run_id limit 1
         ) end as run_id
  from (select distinct order_key from unnest($2::bytea[]) as t (order_key)) k
), forward as (
  update held_run h set state = 'queued' from head
  where h.flow_id = $1 and h.run_id = head.run_id and h.state <> 'queued'
), back as (
  update held_run h set state = 'behind' from head
  where h.flow_id = $1 and h.order_key = head.order_key and h.state = 'queued' and h.run_id is distinct from head.run_id
)
update held_run h set state = 'behind' from unnest($3::uuid[]) as a (run_id)
where h.flow_id = $1 and h.run_id = a.run_id and h.state = 'arrived'
  and (h.run_id in (select run_id from head where run_id is not null)) is not true`;

/** Lets the first run of each key come forward, and puts the others that have arrived behind it. */
export async function comeForward(
  manager: EntityManager,
  flowId: FlowId,
  { arrived, keys }: { arrived: Arrived[]; keys: Buffer[] },
): Promise<void> {
  if (arrived.length + keys.length === 0) return;
  const all = [...arrived.map(({ orderKey }) => orderKey), ...keys];
  await manager.query(forwardText, [flowId, all, arrived.map(({ runId }) => runId)]);
}

/** Lets runs begin that wait for others of their key, as when the flow orders its runs no more. Resolves how many. */
export async function ignoreOrder(manager: EntityManager, flowId: FlowId, limit: number): Promise<number> {
  const [row] = await manager.query<{ count: number }[]>(
    `with waiting as (
       select run_id from held_run where flow_id = $1 and state in ('arrived', 'behind') and order_key is not null
       order by order_key, state limit $2
     ), moved as (
       update held_run h set state = 'queued' from waiting w where h.flow_id = $1 and h.run_id = w.run_id returning 1
     )
     select count(*)::int as count from moved`,
    [flowId, limit],
  );
  return row?.count ?? 0;
}
