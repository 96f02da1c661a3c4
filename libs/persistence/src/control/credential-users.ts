import type { CredentialId, FlowId, WorkspaceId } from '@millrace/contracts';
import type { EntityManager } from 'typeorm';
import type { FlowStatus } from '../entities/flow.entity.js';

/** A flow with a step that uses a credential, in its draft or its published version. */
export interface CredentialUser {
  id: FlowId;
  name: string;
  status: FlowStatus;
}

/**
 * The flows that use each of some credentials, by name; those that none uses are missing. Reads the definitions as text,
 * because reading the JSON in SQL would fail on characters that Postgres cannot unescape.
 */
export async function credentialUsers(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  ids: readonly CredentialId[],
): Promise<Map<CredentialId, CredentialUser[]>> {
  const users = new Map<CredentialId, CredentialUser[]>();
  if (ids.length === 0) return users;
  const rows = await manager.query<(CredentialUser & { credentialId: CredentialId })[]>(
    `select f.id, f.name, f.status, used.id as "credentialId"
     from flow f
     left join flow_version v on v.id = f.published_version_id
     cross join lateral (
       select distinct (regexp_matches(concat_ws(' ', f.draft::text, v.definition::text),
                                       '"credentialId" *: *"([0-9a-f-]{36})"', 'g'))[1] as id
     ) used
     where f.workspace_id = $1 and f.deleted_at is null and used.id = any($2)
     order by f.name, f.id`,
    [workspaceId, ids],
  );
  for (const { credentialId, ...flow } of rows) {
    const those = users.get(credentialId);
    if (those) those.push(flow);
    else users.set(credentialId, [flow]);
  }
  return users;
}
