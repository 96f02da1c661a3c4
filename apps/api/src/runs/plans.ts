import type { FlowVersionId, WorkspaceId } from '@millrace/contracts';
import { compilePlan, type FlowDraft, type Plan } from '@millrace/flow-model';
import { flowVersionRepository, type Database } from '@millrace/persistence';

const keptPlans = 200;

/** A published version with what it was compiled from. */
export interface CompiledVersion {
  plan: Plan;
  definition: FlowDraft;
}

export interface Plans {
  /** `undefined` when the workspace has no such version. */
  find(workspaceId: WorkspaceId, versionId: FlowVersionId): Promise<CompiledVersion | undefined>;
}

/** Versions, compiled at first use; they never change. Those that were used last are kept. */
export function cachedPlans(database: Database): Plans {
  const kept = new Map<FlowVersionId, CompiledVersion>();

  async function load(workspaceId: WorkspaceId, versionId: FlowVersionId): Promise<CompiledVersion | undefined> {
    const version = await flowVersionRepository(database.dataSource.manager).find(workspaceId, versionId);
    if (!version) return undefined;
    const { flowId, definition } = version;
    return { plan: compilePlan({ workspaceId, flowId, versionId }, definition), definition };
  }

  return {
    async find(workspaceId, versionId) {
      const known = kept.get(versionId);
      const found = known?.plan.workspaceId === workspaceId ? known : await load(workspaceId, versionId);
      if (!found) return undefined;
      kept.delete(versionId);
      kept.set(versionId, found);
      const [oldest] = kept.keys();
      if (kept.size > keptPlans && oldest !== undefined) kept.delete(oldest);
      return found;
    },
  };
}
