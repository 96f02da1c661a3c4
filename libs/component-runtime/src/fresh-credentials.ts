import { refreshableOf } from '@millrace/component-sdk';
import type { CredentialOpener, CredentialOpening, SealedCredential } from './credentials.js';

/** What the control plane says when it is asked for the present form of a credential. */
export type RefreshAnswer =
  | { outcome: 'refreshed'; sealed: string }
  /** The system takes the refresh token no more: a person has to authorize anew. */
  | { outcome: 'refused'; message: string }
  | { outcome: 'unavailable'; message: string };

export interface FreshCredentials {
  /** Opens the credential of a step, with tokens that are good for a while. */
  open(sealed: SealedCredential): Promise<CredentialOpening>;
  /** After the system refused the tokens that `open` gave: true when there are others now. */
  renew(sealed: SealedCredential): Promise<boolean>;
}

/** Tokens that are over within this time are not used any more. */
const marginMs = 60_000;
const maxKept = 100;

/**
 * Keeps the tokens of OAuth 2.0 fresh: asks the control plane, which alone refreshes, for those that are over or will be soon.
 * Messages that were sent before a refresh hold the former ciphertext; what became of it is remembered. Questions about the
 * same ciphertext are asked once.
 */
export function createFreshCredentials(
  open: CredentialOpener,
  ask: (sealed: SealedCredential) => Promise<RefreshAnswer>,
  now: () => number = Date.now,
): FreshCredentials {
  const successors = new Map<string, string>();
  const asked = new Map<string, Promise<RefreshAnswer>>();

  function latest(given: SealedCredential): SealedCredential {
    let { credential } = given;
    for (let hops = 0; credential && hops < maxKept; hops += 1) {
      const sealed = successors.get(credential.sealed);
      if (sealed === undefined) break;
      credential = { id: credential.id, sealed };
    }
    return { workspaceId: given.workspaceId, credential };
  }

  async function refresh(present: SealedCredential): Promise<RefreshAnswer> {
    const former = present.credential?.sealed ?? '';
    const pending = asked.get(former) ?? ask(present).finally(() => asked.delete(former));
    asked.set(former, pending);
    const answer = await pending;
    if (answer.outcome === 'refreshed' && answer.sealed !== former) {
      const [oldest] = successors.keys();
      if (oldest !== undefined && successors.size >= maxKept) successors.delete(oldest);
      successors.set(former, answer.sealed);
    }
    return answer;
  }

  return {
    async open(given) {
      const present = latest(given);
      const opening = open(present);
      if (!opening.ok) return opening;
      const expiresAtMs = refreshableOf(opening.opened.fields)?.expiresAtMs;
      if (expiresAtMs === undefined || expiresAtMs - now() > marginMs) return opening;
      const answer = await refresh(present);
      if (answer.outcome === 'refreshed') return open(latest(given));
      // Until it is over it may still do.
      if (expiresAtMs > now()) return opening;
      const refused = answer.outcome === 'refused';
      const { message } = answer;
      return { ok: false, code: refused ? 'credential_refused' : 'token_expired', message, transient: !refused };
    },

    async renew(given) {
      const present = latest(given);
      const opening = open(present);
      if (!opening.ok || !refreshableOf(opening.opened.fields)) return false;
      const answer = await refresh(present);
      return answer.outcome === 'refreshed' && answer.sealed !== present.credential?.sealed;
    },
  };
}
