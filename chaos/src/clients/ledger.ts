import type { Verdict } from '../kinds/kind.js';

/** One request id that a client has read a 2xx for. */
export interface Acceptance {
  readonly number: number;
  readonly kind: string;
  /** As Postgres has it: lower case, with dashes. */
  readonly runId: string;
  readonly at: number;
}

/** What the clients know, and nobody else: which ids were accepted, and how often a number was sent without being so. */
export interface Ledger {
  readonly accepted: ReadonlyMap<string, Acceptance>;
  /** Calls by number that were cut or refused: each may or may not have become a run. */
  readonly unanswered: ReadonlyMap<number, number>;
  /** Refusals by status, and `cut`. */
  readonly refusals: ReadonlyMap<string, number>;
  /** Answers that Millrace must never give. */
  readonly wrong: readonly string[];
  /** The kind of each number that was sent. */
  readonly kinds: ReadonlyMap<number, string>;
  sent(number: number, kind: string): void;
  /** @param verdict `undefined` for a call that was cut */
  note(number: number, verdict: Verdict | undefined): void;
}

export function openLedger(): Ledger {
  const accepted = new Map<string, Acceptance>();
  const unanswered = new Map<number, number>();
  const refusals = new Map<string, number>();
  const wrong: string[] = [];
  const kinds = new Map<number, string>();
  const addTo = <Key>(counts: Map<Key, number>, key: Key): void => void counts.set(key, (counts.get(key) ?? 0) + 1);
  return {
    accepted,
    unanswered,
    refusals,
    wrong,
    kinds,
    sent: (number, kind) => void kinds.set(number, kind),
    note(number, verdict) {
      const kind = kinds.get(number) ?? 'unknown';
      if (verdict?.outcome === 'accepted') {
        const runId = dashed(verdict.requestId);
        if (accepted.has(runId)) wrong.push(`request ${number} was answered with the id ${runId} of another one`);
        accepted.set(runId, { number, kind, runId, at: Date.now() });
        return;
      }
      if (verdict?.outcome === 'wrong') {
        wrong.push(`request ${number} (${kind}) ${verdict.what}`);
        return;
      }
      addTo(unanswered, number);
      addTo(refusals, verdict === undefined ? 'cut' : String(verdict.status));
    },
  };
}

function dashed(id: string): string {
  const hex = id.replaceAll('-', '').toLowerCase();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
