import {
  copiesAreUsedForMs,
  type FlowId,
  type FlowVersionId,
  type Invalidation,
  type WorkspaceId,
} from '@millrace/contracts';
import type { Logger } from '@millrace/observability';
import { gatherReads } from '@millrace/platform';
import {
  findHookFlows,
  unchangedHookFlows,
  type Database,
  type HookFlowCopy,
  type HookFlowRow,
} from '@millrace/persistence';
import { readReceiveSettings } from '@millrace/webhook-settings';
import type { AdmissionControl, FlowLimits } from '../admission/admission.js';
import type { SecretNames } from '../rejections/masked.js';
import { createFlowLookups } from './flow-lookups.js';
import { openHookCredential, secretNamesOf, type CredentialDeps, type HookCredential } from './hook-credential.js';
import { prepareTrigger, type HookTrigger } from './hook-trigger.js';

const keptFlows = 50_000;
/** Ids at which there is no flow: anyone can make them up, so they take no room of flows. */
const keptAbsences = 5_000;
/** Flows that are being looked up at a time, far above what an instance needs that has just begun. */
const maxLookups = 1_000;

/** A flow that exists. */
export interface HookFlow {
  flowId: FlowId;
  workspaceId: WorkspaceId;
  /** The version that runs, also while its runs are held because the flow is paused; `undefined` while none does. */
  versionId: FlowVersionId | undefined;
  /** Of that version, else of the draft while a step waits for a sample; `undefined`: no call is taken. */
  trigger: HookTrigger | undefined;
  /** What records of refused calls mask, whether the flow runs or not; `undefined` when that is not known. */
  secretNames: SecretNames | undefined;
  /** Whether the caller waits for a step of the flow that answers it. */
  replies: boolean;
  /** Whether a step waits for a call to become its sample. */
  captures: boolean;
  limits: FlowLimits;
}

/** Finds flows by id. */
export interface HookFlows {
  /** Without a promise: the flow, `null` when there is none, `undefined` when that is not known now. */
  peek(flowId: FlowId): HookFlow | null | undefined;
  /** `null` when there is none. Rejects with `LookupsFull` or when Postgres cannot be asked. */
  find(flowId: FlowId): Promise<HookFlow | null>;
  forget(invalidation: Invalidation): void;
  forgetAll(): void;
}

interface Kept {
  flow: HookFlow;
  copy: HookFlowCopy;
}

export interface HookFlowsDeps extends CredentialDeps {
  database: Database;
  admission: Pick<AdmissionControl, 'limitsOf'>;
}

/**
 * Flows with their prepared triggers, kept in memory. An entry goes when the control plane says that its flow or
 * credential changed, and after 10 s by itself. While Postgres cannot be asked, an entry past its time still serves:
 * better a call for a flow that was stopped a moment ago than all calls refused.
 */
export function cachedHookFlows(deps: HookFlowsDeps): HookFlows {
  // Of many flows that are called now and then each call meets one past its time: they are asked for together, and not
  // unpacked again where nothing has changed.
  const readRow = gatherReads((flowIds: readonly FlowId[]) => findHookFlows(deps.database, flowIds));
  const holds = gatherReads(async (stale: readonly Kept[]) => {
    const unchanged = await unchangedHookFlows(
      deps.database,
      stale.map(({ copy }) => copy),
    );
    return new Map(stale.map((kept) => [kept, unchanged.has(kept.flow.flowId)]));
  });
  const lookups = createFlowLookups<Kept>({
    maxKept: keptFlows,
    maxAbsent: keptAbsences,
    maxReading: maxLookups,
    freshForMs: copiesAreUsedForMs,
    async read(flowId, stale) {
      if (stale && (await holds(stale))) return stale;
      const row = await readRow(flowId);
      return row ? prepare(withoutPolling(row), deps) : null;
    },
  });
  return {
    peek(flowId) {
      const kept = lookups.peek(flowId);
      return kept ? kept.flow : kept;
    },
    find: async (flowId) => (await lookups.find(flowId))?.flow ?? null,
    forget({ flowIds, credentialIds }) {
      for (const flowId of flowIds as FlowId[]) lookups.forget(flowId);
      if (credentialIds.length === 0) return;
      lookups.forgetWhere(({ copy }) =>
        [copy.credentialId, copy.draftCredentialId].some((id) => id !== null && credentialIds.includes(id)),
      );
    },
    forgetAll: () => lookups.forgetAll(),
  };
}

/** A flow that is polled takes no calls, and its trigger's credential is not ours to open. No other trigger has a schedule. */
function withoutPolling(row: HookFlowRow): HookFlowRow {
  if (!row.trigger?.schedule) return row;
  return { ...row, trigger: null, versionId: null, credentialId: null, sealedCredential: null };
}

const usualSettings = readReceiveSettings({});

function prepare(row: HookFlowRow, deps: HookFlowsDeps): Kept {
  const { flowId, workspaceId, workspaceRequestsPerSecond, captureStepId, credentialId, status } = row;
  const versionId = status === 'running' || status === 'paused' ? (row.versionId ?? undefined) : undefined;
  // Of a paused flow no step runs soon: its callers hear at once that their request is stored.
  const replies = row.replies && status !== 'paused';
  const published = openHookCredential({ flowId, workspaceId, credentialId, sealed: row.sealedCredential }, deps);
  const drafted = { flowId, workspaceId, credentialId: row.draftCredentialId, sealed: row.draftSealedCredential };
  const draft = row.draftCredentialId === credentialId ? published : openHookCredential(drafted, deps);
  const trigger = triggerOf(row, versionId !== undefined, { published, draft, logger: deps.logger });
  const settings = trigger?.settings ?? usualSettings;
  const limits = deps.admission.limitsOf({ flowId, workspaceId, workspaceRequestsPerSecond, settings });
  const captures = captureStepId !== null;
  const secretNames = secretNamesOf(row, published, draft);
  return {
    flow: { flowId, workspaceId, versionId, trigger, secretNames, replies, captures, limits },
    copy: { flowId, credentialId, draftCredentialId: row.draftCredentialId, stamp: row.stamp },
  };
}

interface TriggerSources {
  published: HookCredential | undefined;
  draft: HookCredential | undefined;
  logger: Logger;
}

function triggerOf(
  { flowId, trigger, draftTrigger, captureStepId }: HookFlowRow,
  running: boolean,
  { published, draft, logger }: TriggerSources,
): HookTrigger | undefined {
  if (running && trigger) return prepareTrigger({ flowId, step: trigger, credential: published }, logger);
  if (!draftTrigger || draftTrigger.id !== captureStepId) return undefined;
  return prepareTrigger({ flowId, step: draftTrigger, credential: draft }, logger);
}
