import type { FlowId, FlowVersionId, Invalidation, WorkspaceId } from '@millrace/contracts';
import { openCredential } from '@millrace/credentials';
import type { Logger } from '@millrace/observability';
import { findHookFlow, type Database, type HookFlowRow } from '@millrace/persistence';
import { createReadThroughCache } from '@millrace/platform';
import {
  createAuthenticator,
  secretPlaces,
  webhookCredentialSchema,
  type Authenticator,
  type SecretPlaces,
} from '@millrace/signatures';

const keptFlows = 50_000;
const freshForMs = 10_000;

/** A flow that accepts calls. */
export interface HookFlow {
  flowId: FlowId;
  workspaceId: WorkspaceId;
  versionId: FlowVersionId;
  authenticate: Authenticator;
  /** Where calls carry the secret itself: what goes on leaves these out. */
  secretPlaces: SecretPlaces;
}

/** Finds flows by id; `undefined` when there is none that accepts calls. Rejects when Postgres cannot be asked. */
export interface HookFlows {
  find(flowId: FlowId): Promise<HookFlow | undefined>;
  forget(invalidation: Invalidation): void;
  forgetAll(): void;
}

interface Kept {
  flow: HookFlow | undefined;
  credentialId: string | null;
}

/**
 * Flows with their prepared authenticators, kept in memory. An entry goes when the control plane says that its flow or
 * credential changed, and after 10 s by itself. While Postgres cannot be asked, an entry past its time still serves:
 * better a call for a flow that was stopped a moment ago than all calls refused.
 */
export function cachedHookFlows(database: Database, credentialKey: Buffer, logger: Logger): HookFlows {
  const kept = createReadThroughCache<FlowId, Kept>({
    max: keptFlows,
    freshForMs,
    serveStale: true,
    read: async (flowId) => prepare(await findHookFlow(database, flowId), credentialKey, logger),
  });
  return {
    find: async (flowId) => (await kept.find(flowId)).flow,
    forget({ flowIds, credentialIds }) {
      for (const flowId of flowIds as FlowId[]) kept.forget(flowId);
      if (credentialIds.length === 0) return;
      kept.forgetWhere(({ credentialId }) => credentialId !== null && credentialIds.includes(credentialId));
    },
    forgetAll: () => kept.forgetAll(),
  };
}

function prepare(row: HookFlowRow | undefined, credentialKey: Buffer, logger: Logger): Kept {
  if (row?.status !== 'running' || !row.versionId) return { flow: undefined, credentialId: null };
  const { flowId, workspaceId, versionId, credentialId } = row;
  return { flow: { flowId, workspaceId, versionId, ...guardOf(row, credentialKey, logger) }, credentialId };
}

/** Without a credential that can be used nobody can prove who they are, so nobody gets in. */
function guardOf(
  row: HookFlowRow,
  credentialKey: Buffer,
  logger: Logger,
): Pick<HookFlow, 'authenticate' | 'secretPlaces'> {
  const { flowId, workspaceId, credentialId, sealedCredential: sealed } = row;
  if (credentialId === null || sealed === null) return refuseEveryone;
  try {
    const fields = openCredential({ keys: credentialKey, workspaceId, credentialId, component: 'webhook', sealed });
    return {
      authenticate: createAuthenticator(fields, { clock: Date.now }),
      secretPlaces: secretPlaces(webhookCredentialSchema.parse(fields)),
    };
  } catch (error) {
    logger.error(
      { err: error, flowId, credentialId },
      'the credential of a flow cannot be used, its calls are refused',
    );
    return refuseEveryone;
  }
}

const refuseEveryone: Pick<HookFlow, 'authenticate' | 'secretPlaces'> = {
  authenticate: () => ({ outcome: 'refused', reason: 'no_credential' }),
  secretPlaces: { headers: [], queryNames: [] },
};
