import { millisOf, type FlowId, type RunId } from '@millrace/contracts';
import type { Database } from '../database.js';

/** A run that wants to be the one of its flow with this key. */
export interface KeyClaim {
  flowId: FlowId;
  /** SHA-256 of the key, 32 bytes. */
  keySha256: Buffer;
  runId: RunId;
  /** How long after the time in the run's id the key is its own. */
  windowMs: number;
}

export interface KeyOwner {
  flowId: FlowId;
  keySha256: Buffer;
  runId: RunId;
  /** Milliseconds since the epoch from which on another run may take the key. */
  expiresAt: number;
}

// The time of a request is that in its id, so that what became of it does not depend on when it is handled. A key that is taken
// is written again as it stands: only so it is returned when another orchestrator wrote it a moment ago. In
// the order of the keys, so that two orchestrators do not wait for each other in a circle.
const text = `
insert into deduplication as d (flow_id, key_sha256, run_id, expires_at)
select * from unnest($1::uuid[], $2::bytea[], $3::uuid[], $4::timestamptz[]) as t (flow_id, key_sha256, run_id, expires_at)
order by flow_id, key_sha256
on conflict (flow_id, key_sha256) do update
set run_id = case when first_id_at(d.expires_at) <= excluded.run_id then excluded.run_id else d.run_id end,
    expires_at = case when first_id_at(d.expires_at) <= excluded.run_id then excluded.expires_at else d.expires_at end
returning d.flow_id as "flowId", d.key_sha256 as "keySha256", d.run_id as "runId",
          (extract(epoch from d.expires_at) * 1000)::float8 as "expiresAt"`;

/**
 * Claims keys and resolves who owns each of them now: the run that asked, or the one that has it already, whatever
 * other orchestrators do meanwhile. Safe to repeat: a run that claims its own key again owns it as before. No two
 * claims may name the same key of the same flow.
 */
export function claimKeys(database: Database, claims: KeyClaim[]): Promise<KeyOwner[]> {
  return database.hot<KeyOwner>({
    name: 'claim-keys',
    text,
    values: [
      claims.map((claim) => claim.flowId),
      claims.map((claim) => claim.keySha256),
      claims.map((claim) => claim.runId),
      claims.map((claim) => new Date(millisOf(claim.runId) + claim.windowMs)),
    ],
  });
}
