import type { CredentialId, WorkspaceId } from '@millrace/contracts';
import type { Database } from '../database.js';

const text = `select sealed from credential where workspace_id = $1 and id = $2`;

/** The sealed fields of a credential; `undefined` when the workspace has none of that id. */
export async function readSealedCredential(
  database: Database,
  workspaceId: WorkspaceId,
  credentialId: CredentialId,
): Promise<string | undefined> {
  const rows = await database.hot<{ sealed: string }>({
    name: 'read-sealed-credential',
    text,
    values: [workspaceId, credentialId],
  });
  return rows[0]?.sealed;
}
