import { withClient } from '../measure/database.js';

const text = `
with template as (
  select f.workspace_id, f.draft, v.definition
  from flow f join flow_version v on v.id = f.published_version_id where f.id = $1
), made as materialized (
  select gen_random_uuid() as flow_id, gen_random_uuid() as version_id, n from generate_series(1, $2::int) as n
), flows as (
  insert into flow (id, workspace_id, name, status, draft)
  select flow_id, workspace_id, 'Flow ' || n, 'running', draft from made, template
)
select flow_id as "flowId", version_id as "versionId" from made`;

const versions = `
insert into flow_version (id, workspace_id, flow_id, number, definition)
select m.version_id, f.workspace_id, m.flow_id, 1, v.definition
from unnest($2::uuid[], $3::uuid[]) as m (flow_id, version_id), flow f join flow_version v on v.id = f.published_version_id
where f.id = $1`;

const publish = `
update flow set published_version_id = m.version_id
from unnest($1::uuid[], $2::uuid[]) as m (flow_id, version_id) where flow.id = m.flow_id`;

/** Makes running flows, each a copy of a running one with a version of its own. Resolves their ids. */
export async function addRunningFlows(databaseUrl: string, flowId: string, count: number): Promise<string[]> {
  return withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ flowId: string; versionId: string }>(text, [flowId, count]);
    const flowIds = rows.map((row) => row.flowId);
    const versionIds = rows.map((row) => row.versionId);
    await client.query(versions, [flowId, flowIds, versionIds]);
    await client.query(publish, [flowIds, versionIds]);
    return flowIds;
  });
}
