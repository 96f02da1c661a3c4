import { newId, type FlowId, type JsonObject, type WorkspaceId } from '@millrace/contracts';
import { marksSecrets } from '@millrace/credentials';
import { emptyDraft, type DraftStep, type FlowDraft } from '@millrace/flow-model';
import {
  componentRepository,
  credentialRepository,
  flowRepository,
  noteAct,
  type Actor,
  type FlowRow,
} from '@millrace/persistence';
import type { ApiDeps } from '../deps.js';
import { credentialIdsOf } from './draft-problems.js';
import { openConfig } from './open-config.js';
import { draftChanges } from './save-draft.js';
import { documentFormat, documentVersion, type FlowDocument, type MissingCredential } from './document-schemas.js';

type Deps = Pick<ApiDeps, 'database'>;

/**
 * A flow as a document that another workspace or installation can take: credentials by component and name, never by id, and
 * configs without what is secret. Resolves `undefined` when the workspace has no such flow.
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
  const schemaOf = await configSchemas(manager, flow.draft);
  const steps = flow.draft.steps.map(({ credentialId, ...step }): DraftStep => {
    const schema = schemaOf(step);
    const credential = credentialId ? byId.get(credentialId) : undefined;
    if (credential) credentials[step.id] = { component: credential.component, name: credential.name };
    return step.config && schema ? { ...step, config: openConfig(schema, step.config) } : step;
  });
  return {
    format: documentFormat,
    version: documentVersion,
    name: flow.name,
    draft: { ...flow.draft, steps },
    credentials,
  };
}

/** Finds the schema of a step's config where something in it is marked secret. */
async function configSchemas(
  manager: Parameters<typeof componentRepository>[0],
  { steps }: FlowDraft,
): Promise<(step: DraftStep) => JsonObject | undefined> {
  const components = await componentRepository(manager).findAll(steps.flatMap((step) => step.component ?? []));
  return ({ component, operation }) => {
    const { descriptor } = components.find(({ name }) => name === component) ?? {};
    const config = descriptor?.operations.find(({ name }) => name === operation)?.config;
    return config && marksSecrets(config) ? config : undefined;
  };
}

/**
 * Makes a new flow of a document. A step gets the one credential of the workspace that has component and name of the
 * document's; where there is none, or there are several, it gets none and is named in `missing`.
 */
export async function importFlow(
  { database }: Deps,
  actor: Actor,
  { name, draft, credentials }: Pick<FlowDocument, 'name' | 'draft' | 'credentials'>,
): Promise<{ flow: FlowRow; missing: MissingCredential[] }> {
  const { workspaceId } = actor;
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
    const imported: FlowDraft = { ...draft, steps };
    await flows.create(workspaceId, { id, name, draft: imported });
    const changes = draftChanges(emptyDraft, imported);
    await noteAct(manager, actor, { action: 'flow.imported', entityId: id, entityName: name, changes });
    const flow = await flows.find(workspaceId, id);
    if (!flow) throw new Error(`flow ${id} was made and is not there`);
    return { flow, missing };
  });
}
