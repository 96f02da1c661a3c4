import { LRUCache } from 'lru-cache';
import type { FlowVersionId } from '@millrace/contracts';
import { compilePlan, type Plan } from '@millrace/flow-model';
import type { Logger } from '@millrace/observability';
import { readFlowVersion, type Database } from '@millrace/persistence';
import { deduplicationOf, requestKeyOf, type Deduplication, type RequestKey } from './deduplication-key.js';

/** A few kilobytes each. */
const keptPlans = 20_000;

/** A plan with what the orchestrator itself reads of its trigger's settings. */
export interface FlowPlan extends Plan {
  deduplication: Deduplication | undefined;
  /** What orders the runs of the flow. */
  order: RequestKey | undefined;
}

export interface FlowPlans {
  /** The plan if it is kept, without a promise. */
  peek(versionId: FlowVersionId): FlowPlan | undefined;
  find(versionId: FlowVersionId): Promise<FlowPlan | undefined>;
}

/** Plans of published versions, compiled at first use. Versions never change, so a plan is never stale. */
export function cachedPlans(database: Database, logger: Logger): FlowPlans {
  const plans = new LRUCache<FlowVersionId, FlowPlan>({ max: keptPlans });
  const loading = new Map<FlowVersionId, Promise<FlowPlan | undefined>>();

  async function load(versionId: FlowVersionId): Promise<FlowPlan | undefined> {
    const row = await readFlowVersion(database, versionId);
    if (!row) return undefined;
    const compiled = compilePlan({ workspaceId: row.workspaceId, flowId: row.flowId, versionId }, row.definition);
    const ordered = compiled.beginning?.order;
    const order = ordered && requestKeyOf(ordered.key);
    const plan = { ...compiled, deduplication: deduplication(compiled), order };
    plans.set(versionId, plan);
    return plan;
  }

  function deduplication(plan: Plan): Deduplication | undefined {
    try {
      return deduplicationOf(plan);
    } catch (error) {
      // No publish lets such settings pass. Requests must run all the same, if need be twice.
      logger.error({ err: error, versionId: plan.versionId }, 'requests of this version are not deduplicated');
      return undefined;
    }
  }

  return {
    peek: (versionId) => plans.get(versionId),
    async find(versionId) {
      const plan = plans.get(versionId);
      if (plan) return plan;
      const pending = loading.get(versionId) ?? load(versionId).finally(() => loading.delete(versionId));
      loading.set(versionId, pending);
      return pending;
    },
  };
}
