/*
 * Deduplication: of requests with the same key within the window of their flow one runs, the others are recorded as its
 * duplicates. A key belongs to a run from its claim on; claims are committed before the rows of runs are written.
 *
 *   claim the keys ──▶ write the runs ──▶ write the duplicates ──▶ dispatch ──▶ ack
 *
 * Killed anywhere, everything is delivered again, and what was decided stays so:
 * - After the claims, before the runs: the owner claims its own key again and runs. What was handled in between is recorded
 *   as a duplicate of a run that is not written yet but will be.
 * - After the runs, before the duplicates: these find the same owner.
 * - After any row: the row absorbs the repetition. A run that was written as one that runs stays it, even when another
 *   has taken over its key since; one that was written as a duplicate stays that.
 * An owner whose trigger Postgres refuses is parked with its reason, and its duplicates point at it: once it is released it runs.
 * Whether a key is still taken depends on the times in the ids of the two requests, not on when they are handled. So a
 * backlog or a late redelivery changes nothing, except that an owner whose key was given to a later request before its
 * own row was written (it was away for longer than the window) may become a duplicate of that one: then that one ran.
 */
import { millisOf, type FlowId, type RunId, type TriggerMessage } from '@millrace/contracts';
import { claimKeys, type KeyClaim, type KeyOwner } from '@millrace/persistence';
import { keySha256 } from './deduplication-key.js';
import type { EngineDeps } from './deps.js';
import { persevere } from './persevere.js';
import type { FlowPlan } from './plans.js';
import { sandboxedKeys } from './sandboxed-keys.js';

/** A trigger with the plan that it runs. */
export interface Begun {
  message: TriggerMessage;
  plan: FlowPlan;
}

interface Keyed {
  begun: Begun;
  claim: KeyClaim;
}

/**
 * Finds the duplicates among triggers, each with the run that came first, and claims the keys of all others. A replay is
 * none, and claims none: a person wants it to run.
 */
export async function findDuplicates(deps: EngineDeps, begun: Begun[]): Promise<Map<Begun, RunId>> {
  const batch = begun.filter(({ message }) => !message.replayOf);
  const duplicates = new Map<Begun, RunId>();
  let left = groupByKey(batch, await sandboxedKeys(deps, batch, 'deduplication'));
  while (left.size > 0) {
    // The first of each key in the batch speaks for all of it: a statement cannot touch a row twice.
    const claims = Array.from(left.values()).flatMap(([first]) => (first ? [first.claim] : []));
    const owners = await persevere(deps, 'claiming keys', () => claimKeys(deps.database, claims));
    deps.reached('triggers.keysClaimed');
    const later = new Map<string, Keyed[]>();
    for (const owner of owners) {
      const group = left.get(nameOf(owner)) ?? [];
      for (const { begun, claim } of group) if (isDuplicate(claim, owner)) duplicates.set(begun, owner.runId);
      // Who came after the owner's time claims the key in its turn. The first has done so.
      const after = group.slice(1).filter(({ claim }) => millisOf(claim.runId) >= owner.expiresAt);
      if (after.length > 0) later.set(nameOf(owner), after);
    }
    left = later;
  }
  return duplicates;
}

/** The triggers that have a key, by flow and key, in the order in which they came. */
function groupByKey(batch: Begun[], sandboxed: Map<Begun, Buffer>): Map<string, Keyed[]> {
  const groups = new Map<string, Keyed[]>();
  for (const begun of batch) {
    const { message, plan } = begun;
    const { deduplication, flowId } = plan;
    if (!deduplication) continue;
    const key = deduplication.sandboxed ? sandboxed.get(begun) : keySha256(deduplication, plan, message);
    if (!key) continue;
    const claim = { flowId, keySha256: key, runId: message.runId, windowMs: deduplication.windowMs };
    groups.set(nameOf(claim), [...(groups.get(nameOf(claim)) ?? []), { begun, claim }]);
  }
  return groups;
}

/** Whether a request came within the window around that of the owner. One that came long before it is no copy of it. */
function isDuplicate({ runId, windowMs }: KeyClaim, owner: KeyOwner): boolean {
  const came = millisOf(runId);
  return owner.runId !== runId && came < owner.expiresAt && came > millisOf(owner.runId) - windowMs;
}

function nameOf({ flowId, keySha256 }: { flowId: FlowId; keySha256: Buffer }): string {
  return `${flowId} ${keySha256.toString('hex')}`;
}
