import type { FlowId, FlowVersionId, Invalidation, WorkspaceId } from '@millrace/contracts';
import { findHookFlow, type Database, type HookFlowRow } from '@millrace/persistence';
import { createReadThroughCache } from '@millrace/platform';
import { readReceiveSettings } from '@millrace/webhook-settings';
import type { AdmissionControl, FlowLimits } from '../admission/admission.js';
import { prepareTrigger, type HookTrigger, type TriggerDeps } from './hook-trigger.js';

const keptFlows = 50_000;
const freshForMs = 10_000;

/** A flow that exists. */
export interface HookFlow {
  flowId: FlowId;
  workspaceId: WorkspaceId;
  /** The version that runs; `undefined` while none does. */
  versionId: FlowVersionId | undefined;
  /** Of that version, else of the draft while a step waits for a sample; `undefined`: no call is taken. */
  trigger: HookTrigger | undefined;
  /** Whether the flow has a step that answers the caller. */
  replies: boolean;
  /** Whether a step waits for a call to become its sample. */
  captures: boolean;
  limits: FlowLimits;
}

/** Finds flows by id. */
export interface HookFlows {
  /** Without a promise: the flow, `null` when there is none, `undefined` when that is not known now. */
  peek(flowId: FlowId): HookFlow | null | undefined;
  /** `null` when there is none. Rejects when Postgres cannot be asked. */
  find(flowId: FlowId): Promise<HookFlow | null>;
  forget(invalidation: Invalidation): void;
  forgetAll(): void;
}

interface Kept {
  flow: HookFlow | null;
  credentialIds: readonly (string | null)[];
}

export interface HookFlowsDeps extends TriggerDeps {
  database: Database;
  admission: Pick<AdmissionControl, 'limitsOf'>;
}

/**
 * Flows with their prepared triggers, kept in memory. An entry goes when the control plane says that its flow or
 * credential changed, and after 10 s by itself. While Postgres cannot be asked, an entry past its time still serves:
 * better a call for a flow that was stopped a moment ago than all calls refused.
 */
export function cachedHookFlows(deps: HookFlowsDeps): HookFlows {
  const kept = createReadThroughCache<FlowId, Kept>({
    max: keptFlows,
    freshForMs,
    serveStale: true,
    read: async (flowId) => prepare(await findHookFlow(deps.database, flowId), deps),
  });
  return {
    peek: (flowId) => kept.peek(flowId)?.flow,
    find: async (flowId) => (await kept.find(flowId)).flow,
    forget({ flowIds, credentialIds }) {
      for (const flowId of flowIds as FlowId[]) kept.forget(flowId);
      if (credentialIds.length === 0) return;
      kept.forgetWhere((one) => one.credentialIds.some((id) => id !== null && credentialIds.includes(id)));
    },
    forgetAll: () => kept.forgetAll(),
  };
}

const usualSettings = readReceiveSettings({});

function prepare(row: HookFlowRow | undefined, deps: HookFlowsDeps): Kept {
  if (!row) return { flow: null, credentialIds: [] };
  const { flowId, workspaceId, workspaceRequestsPerSecond, captureStepId, replies } = row;
  const versionId = row.status === 'running' ? (row.versionId ?? undefined) : undefined;
  const trigger = triggerOf(row, versionId !== undefined, deps);
  const settings = trigger?.settings ?? usualSettings;
  const limits = deps.admission.limitsOf({ flowId, workspaceId, workspaceRequestsPerSecond, settings });
  const captures = captureStepId !== null;
  return {
    flow: { flowId, workspaceId, versionId, trigger, replies, captures, limits },
    credentialIds: [row.credentialId, row.draftCredentialId],
  };
}

function triggerOf(row: HookFlowRow, running: boolean, deps: TriggerDeps): HookTrigger | undefined {
  const { flowId, workspaceId, credentialId, sealedCredential: sealed } = row;
  if (running && row.trigger) {
    return prepareTrigger({ flowId, workspaceId, step: row.trigger, credentialId, sealed }, deps);
  }
  if (!row.draftTrigger) return undefined;
  const draft = { credentialId: row.draftCredentialId, sealed: row.draftSealedCredential };
  return prepareTrigger({ flowId, workspaceId, step: row.draftTrigger, ...draft }, deps);
}
