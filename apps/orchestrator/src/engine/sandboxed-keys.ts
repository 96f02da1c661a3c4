import { LRUCache } from 'lru-cache';
import type { FlowVersionId } from '@millrace/contracts';
import type { MappingError, MappingOutcome } from '@millrace/mapping-sandbox';
import { keyContext, sha256Of } from './deduplication-key.js';
import type { Begun } from './deduplication.js';
import type { EngineDeps } from './deps.js';
import type { Evaluation } from './evaluate-mappings.js';
import { evaluateInRounds, limitErrors } from './evaluate-rounds.js';
import { mappingFailed } from './mapping-failed.js';

/** What a request's key is for: to know its copies, or to order its run after others. Each is a member of the plan. */
export type KeyPurpose = 'deduplication' | 'order';

interface KeyEvaluation extends Evaluation {
  begun: Begun;
}

/** The keys that need the sandbox. A request whose key fails has none, and runs. */
export async function sandboxedKeys(
  deps: EngineDeps,
  batch: Begun[],
  purpose: KeyPurpose,
): Promise<Map<Begun, Buffer>> {
  const keys = new Map<Begun, Buffer>();
  const byVersion = new Map<FlowVersionId, KeyEvaluation[]>();
  for (const begun of batch) {
    const { plan, message } = begun;
    const { versionId } = plan;
    const requestKey = plan[purpose];
    if (!requestKey?.sandboxed) continue;
    const evaluations = byVersion.get(versionId) ?? [];
    evaluations.push({ begun, mapping: requestKey.key, context: keyContext(requestKey, plan, message) });
    byVersion.set(versionId, evaluations);
  }
  await Promise.all(
    Array.from(byVersion, async ([versionId, evaluations]) => {
      for (const [{ begun }, outcome] of await inTurn(`${purpose} ${versionId}`, (turn) =>
        keysOf(deps, { purpose, versionId, turn, evaluations }),
      )) {
        const key = outcome.ok ? sha256Of(outcome.value, begun.message) : undefined;
        if (key) keys.set(begun, key);
        if (!outcome.ok) tellOfFault(deps, begun, purpose, outcome.errors);
      }
    }),
  );
  return keys;
}

/**
 * Each takes the whole time limit, and the triggers that wait for it take the places of others that come from the
 * broker: after so many, the requests of the version run without a key for a while.
 */
const maxExceeded = 4;
const givenUpForMs = 60_000;
const exceeded = new LRUCache<string, number>({ max: 10_000, ttl: givenUpForMs, noUpdateTTL: true });

/** The keys of requests of one version; none for those that are not tried. */
async function keysOf(
  deps: EngineDeps,
  given: { purpose: KeyPurpose; versionId: FlowVersionId; turn: string; evaluations: KeyEvaluation[] },
): Promise<Map<KeyEvaluation, MappingOutcome>> {
  const { purpose, versionId, turn, evaluations } = given;
  const before = exceeded.get(turn) ?? 0;
  if (before >= maxExceeded) return new Map();
  const outcomes = await evaluateInRounds(deps, [evaluations], { maxExceeded: maxExceeded - before });
  const more = [...outcomes.values()].filter((outcome) => limitErrors(outcome).length > 0).length;
  if (more > 0) exceeded.set(turn, before + more);
  if (before + more >= maxExceeded) {
    deps.logger.warn({ versionId, givenUpForMs }, `keys of ${purpose} exceed their limits, requests run without one`);
  }
  return outcomes;
}

const turns = new Map<string, Promise<unknown>>();

/** One batch of a version after the other: what one finds out of its key, the next one need not. */
async function inTurn<T>(name: string, act: (name: string) => Promise<T>): Promise<T> {
  const before = turns.get(name) ?? Promise.resolve();
  const actNow = (): Promise<T> => act(name);
  const turn = before.then(actNow, actNow);
  turns.set(name, turn);
  try {
    return await turn;
  } finally {
    if (turns.get(name) === turn) turns.delete(name);
  }
}

const toldEveryMs = 60_000;
const told = new LRUCache<string, true>({ max: 1_000, ttl: toldEveryMs });

/** Logs that a key failed, of each version once a minute: a sender may send thousands of such requests. */
function tellOfFault({ logger }: EngineDeps, begun: Begun, purpose: KeyPurpose, errors: MappingError[]): void {
  const { runId } = begun.message;
  const { flowId, versionId } = begun.plan;
  const name = `${purpose} ${versionId}`;
  if (told.has(name)) return;
  told.set(name, true);
  const reason = mappingFailed(errors).message;
  logger.warn({ flowId, versionId, runId, reason }, `a key of ${purpose} failed, the request runs without one`);
}
