import type { CredentialId, FlowVersionId } from '@millrace/contracts';
import type { EngineDeps } from './deps.js';
import type { Dispatch } from './dispatch.js';
import { persevere } from './persevere.js';
import type { FlowPlan } from './plans.js';

/** The plans of a batch by version id; a version that does not exist is missing. Each is looked up once. */
export async function findPlans(
  deps: EngineDeps,
  versionIds: Iterable<FlowVersionId>,
): Promise<Map<FlowVersionId, FlowPlan>> {
  const plans = new Map<FlowVersionId, FlowPlan>();
  for (const versionId of new Set(versionIds)) {
    const plan = await persevere(deps, 'reading a flow version', () => deps.plans.find(versionId));
    if (plan) plans.set(versionId, plan);
  }
  return plans;
}

/** The sealed credentials of a batch by id; one that does not exist is missing. Each is looked up once. */
export async function findCredentials(deps: EngineDeps, dispatches: Dispatch[]): Promise<Map<CredentialId, string>> {
  const sealed = new Map<CredentialId, string>();
  const asked = new Set<CredentialId>();
  for (const { plan, step } of dispatches) {
    const { credentialId } = step;
    if (credentialId === null || asked.has(credentialId)) continue;
    asked.add(credentialId);
    const found = await persevere(deps, 'reading a credential', () =>
      deps.credentials.find(plan.workspaceId, credentialId),
    );
    if (found !== undefined) sealed.set(credentialId, found);
  }
  return sealed;
}
