import { newId, type FlowId, type WorkspaceId } from '@millrace/contracts';
import type { DraftStep, FlowDraft } from '@millrace/flow-model';
import { credentialRepository, flowRepository, type FlowRow } from '@millrace/persistence';
import type { ApiDeps } from '../deps.js';
import { credentialIdsOf } from './draft-problems.js';
import { documentFormat, documentVersion, type FlowDocument, type MissingCredential } from './document-schemas.js';

type Deps = Pick<ApiDeps, 'database'>;

/**
 * A flow as a document that another workspace or installation can take: credentials by component and name, never by id.
 * Resolves `undefined` when the workspace has no such flow.
 */
export async function exportFlow(
  { database }: Deps,
  workspaceId: WorkspaceId,
  flowId: FlowId,
): Promise<FlowDocument | undefined> {
  const { manager } = database.dataSource;
  const flow = await flowRepository(manager).find(workspaceId, flowId);
  if (!flow) return undefined;
  const found = await credentialRepository(manager).named(workspaceId, { ids: credentialIdsOf(flow.draft) });
  const byId = new Map<string, (typeof found)[number]>(found.map((credential) => [credential.id, credential]));
  const credentials: FlowDocument['credentials'] = {};
  const steps = flow.draft.steps.map(({ credentialId, ...step }): DraftStep => {
    const credential = credentialId ? byId.get(credentialId) : undefined;
    if (credential) credentials[step.id] = { component: credential.component, name: credential.name };
    return step;
  });
  return {
    format: documentFormat,
    version: documentVersion,
    name: flow.name,
    draft: { ...flow.draft, steps },
    credentials,
  };
}

/**
 * Makes a new flow of a document. A step gets the one credential of the workspace that has component and name of the
 * document's; where there is none, or there are several, it gets none and is named in `missing`.
 */
export async function importFlow(
  { database }: Deps,
  workspaceId: WorkspaceId,
  { name, draft, credentials }: Pick<FlowDocument, 'name' | 'draft' | 'credentials'>,
): Promise<{ flow: FlowRow; missing: MissingCredential[] }> {
  return database.dataSource.transaction(async (manager) => {
    const names = Object.values(credentials).map((credential) => credential.name);
    const present = await credentialRepository(manager).named(workspaceId, { names });
    const missing: MissingCredential[] = [];
    const steps = draft.steps.map((step): DraftStep => {
      const wanted = credentials[step.id];
      // An id of another installation says nothing here, or something else.
      const { credentialId: _foreign, ...rest } = step;
      if (!wanted) return rest;
      const fitting = present.filter(
        ({ component, name: own }) => component === wanted.component && own === wanted.name,
      );
      if (fitting[0] && fitting.length === 1) return { ...rest, credentialId: fitting[0].id };
      missing.push({ stepId: step.id, ...wanted, reason: fitting.length === 0 ? 'none' : 'several' });
      return rest;
    });
    const id = newId<FlowId>();
    const flows = flowRepository(manager);
    await flows.create(workspaceId, { id, name, draft: { ...draft, steps } satisfies FlowDraft });
    const flow = await flows.find(workspaceId, id);
    if (!flow) throw new Error(`flow ${id} was made and is not there`);
    return { flow, missing };
  });
}
