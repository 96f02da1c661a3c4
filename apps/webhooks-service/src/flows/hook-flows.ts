import { LRUCache } from 'lru-cache';
import type { FlowId, FlowVersionId, Invalidation, WorkspaceId } from '@millrace/contracts';
import { openCredential } from '@millrace/credentials';
import { findHookFlow, type Database, type HookFlowRow } from '@millrace/persistence';
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

/** A read that is under way. It is outdated when its flow was forgotten meanwhile: what it finds may be old. */
interface Reading {
  outdated: boolean;
  result: Promise<Kept>;
}

/**
 * Flows with their prepared authenticators, kept in memory. An entry goes when the control plane says that its flow or
 * credential changed, and after 10 s by itself. While Postgres is away, an entry past its time still serves: nobody can
 * have changed the flow meanwhile.
 */
export function cachedHookFlows(database: Database, credentialKey: Buffer): HookFlows {
  const kept = new LRUCache<FlowId, Kept>({ max: keptFlows, ttl: freshForMs, noDeleteOnStaleGet: true });
  const readings = new Map<FlowId, Reading>();

  function read(flowId: FlowId): Reading {
    const reading: Reading = {
      outdated: false,
      result: findHookFlow(database, flowId).then((row) => prepare(row, credentialKey)),
    };
    readings.set(flowId, reading);
    reading.result
      .then(
        (found) => reading.outdated || kept.set(flowId, found),
        () => undefined,
      )
      .finally(() => readings.get(flowId) === reading && readings.delete(flowId));
    return reading;
  }

  async function load(flowId: FlowId): Promise<Kept> {
    for (;;) {
      const reading = readings.get(flowId) ?? read(flowId);
      const found = await reading.result;
      if (!reading.outdated) return found;
    }
  }

  function outdate(flowId: FlowId): void {
    const reading = readings.get(flowId);
    if (reading) reading.outdated = true;
    readings.delete(flowId);
  }

  function outdateAll(): void {
    for (const flowId of readings.keys()) outdate(flowId);
  }

  return {
    async find(flowId) {
      const fresh = kept.get(flowId);
      if (fresh) return fresh.flow;
      try {
        return (await load(flowId)).flow;
      } catch (error) {
        const stale = kept.get(flowId, { allowStale: true });
        if (!stale) throw error;
        return stale.flow;
      }
    },
    forget({ flowIds, credentialIds }) {
      for (const flowId of flowIds as FlowId[]) {
        kept.delete(flowId);
        outdate(flowId);
      }
      if (credentialIds.length === 0) return;
      for (const [flowId, { credentialId }] of kept.entries()) {
        if (credentialId !== null && credentialIds.includes(credentialId)) kept.delete(flowId);
      }
      // Which credential a flow that is being read has, is not known yet.
      outdateAll();
    },
    forgetAll() {
      kept.clear();
      outdateAll();
    },
  };
}

function prepare(row: HookFlowRow | undefined, credentialKey: Buffer): Kept {
  if (row?.status !== 'running' || !row.versionId) return { flow: undefined, credentialId: null };
  const { flowId, workspaceId, versionId, credentialId, sealedCredential } = row;
  if (credentialId === null || sealedCredential === null) {
    // The credential was deleted under a running flow. Nobody can prove who they are, so nobody gets in.
    const flow = { flowId, workspaceId, versionId, authenticate: refuseEveryone, secretPlaces: noPlaces };
    return { flow, credentialId };
  }
  const fields = openCredential({
    keys: credentialKey,
    workspaceId,
    credentialId,
    component: 'webhook',
    sealed: sealedCredential,
  });
  const authenticate = createAuthenticator(fields, { clock: Date.now });
  const places = secretPlaces(webhookCredentialSchema.parse(fields));
  return { flow: { flowId, workspaceId, versionId, authenticate, secretPlaces: places }, credentialId };
}

const noPlaces: SecretPlaces = { headers: [], queryNames: [] };
const refuseEveryone: Authenticator = () => ({ outcome: 'refused', reason: 'no_credential' });
