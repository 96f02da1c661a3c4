import { parseId, type ComponentDescriptor, type CredentialId, type WorkspaceId } from '@millrace/contracts';
import { validateDraft, withSchedule, withWholeInputs, type FlowDraft, type Problem } from '@millrace/flow-model';
import { componentRepository, credentialRepository, type Database } from '@millrace/persistence';

type Manager = Database['dataSource']['manager'];

/** The draft with its ids in the one form that they have everywhere inside. */
export function normalisedDraft(draft: FlowDraft): FlowDraft {
  return {
    ...draft,
    steps: draft.steps.map((step) => {
      if (!step.credentialId) return step;
      return { ...step, credentialId: parseId<CredentialId>(step.credentialId) ?? step.credentialId };
    }),
  };
}

/** The credentials that the steps of a draft name, once each. */
export function credentialIdsOf(draft: FlowDraft): CredentialId[] {
  const ids = draft.steps.map((step) => parseId<CredentialId>(step.credentialId ?? ''));
  return [...new Set(ids.filter((id) => id !== undefined))];
}

/**
 * The draft as it is published: with the usual schedule where its trigger needs one and has none, and with the whole output of
 * the step before where an action takes any value and nothing is mapped.
 */
export async function publishedForm(manager: Manager, draft: FlowDraft): Promise<FlowDraft> {
  const descriptors = await descriptorsOf(manager, draft);
  const catalogue = { component: (name: string) => descriptors.get(name) };
  return withWholeInputs(withSchedule(draft, catalogue), catalogue);
}

async function descriptorsOf(manager: Manager, draft: FlowDraft): Promise<Map<string, ComponentDescriptor>> {
  const names = [...new Set(draft.steps.flatMap((step) => step.component ?? []))];
  const components = await componentRepository(manager).findAll(names);
  return new Map(components.map((component) => [component.name, component.descriptor]));
}

/**
 * Everything that keeps a draft from being published, by the catalogue and the workspace's credentials as they are now.
 * With `hold` none of these credentials can be deleted until the transaction ends.
 */
export async function draftProblems(
  manager: Manager,
  workspaceId: WorkspaceId,
  draft: FlowDraft,
  options: { hold: boolean } = { hold: false },
): Promise<Problem[]> {
  const descriptors = await descriptorsOf(manager, draft);
  const ids = credentialIdsOf(draft);
  const credentials = credentialRepository(manager);
  const owners = await (options.hold
    ? credentials.holdComponents(workspaceId, ids)
    : credentials.componentsOf(workspaceId, ids));
  return validateDraft(draft, {
    component: (name) => descriptors.get(name),
    credentialComponent: (id) => owners.get(id),
  });
}
