import type { CredentialId, FlowVersionId, WorkspaceId } from '@millrace/contracts';
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
  const missing: FlowVersionId[] = [];
  for (const versionId of new Set(versionIds)) {
    const plan = deps.plans.peek(versionId);
    if (plan) plans.set(versionId, plan);
    else missing.push(versionId);
  }
  await Promise.all(
    missing.map(async (versionId) => {
      const plan = await persevere(deps, 'reading a flow version', () => deps.plans.find(versionId));
      if (plan) plans.set(versionId, plan);
    }),
  );
  return plans;
}

/** The sealed credentials of a workspace by id; one that does not exist is `undefined`. */
export type SealedCredentials = Map<WorkspaceId, Map<CredentialId, string | undefined>>;

/** The sealed credentials of a batch. Each is looked up once, in the workspace of the flow that uses it. */
export async function findCredentials(deps: EngineDeps, dispatches: Dispatch[]): Promise<SealedCredentials> {
  const sealed: SealedCredentials = new Map();
  for (const { plan, step } of dispatches) {
    const { credentialId } = step;
    if (credentialId === null) continue;
    const { workspaceId } = plan;
    const own = sealed.get(workspaceId) ?? new Map<CredentialId, string | undefined>();
    sealed.set(workspaceId, own);
    if (own.has(credentialId)) continue;
    const find = () => deps.credentials.find(workspaceId, credentialId);
    own.set(credentialId, await persevere(deps, 'reading a credential', find));
  }
  return sealed;
}
