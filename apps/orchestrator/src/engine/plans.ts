import { LRUCache } from 'lru-cache';
import type { FlowVersionId } from '@millrace/contracts';
import { compilePlan, type Plan } from '@millrace/flow-model';
import { readFlowVersion, type Database } from '@millrace/persistence';

const keptPlans = 10_000;

/** Plans of published versions, compiled at first use. Versions never change, so a plan is never stale. */
export function cachedPlans(database: Database): { find(versionId: FlowVersionId): Promise<Plan | undefined> } {
  const plans = new LRUCache<FlowVersionId, Plan>({ max: keptPlans });
  const loading = new Map<FlowVersionId, Promise<Plan | undefined>>();

  async function load(versionId: FlowVersionId): Promise<Plan | undefined> {
    const row = await readFlowVersion(database, versionId);
    if (!row) return undefined;
    const plan = compilePlan({ workspaceId: row.workspaceId, flowId: row.flowId, versionId }, row.definition);
    plans.set(versionId, plan);
    return plan;
  }

  return {
    async find(versionId) {
      const plan = plans.get(versionId);
      if (plan) return plan;
      const pending = loading.get(versionId) ?? load(versionId).finally(() => loading.delete(versionId));
      loading.set(versionId, pending);
      return pending;
    },
  };
}
