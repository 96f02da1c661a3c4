import type { CredentialId, WorkspaceId } from '@millrace/contracts';
import { newId } from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import type { CredentialOpening, SealedCredential } from './credentials.js';
import { createFreshCredentials, type RefreshAnswer } from './fresh-credentials.js';

const now = Date.parse('2026-03-01T12:00:00Z');
const workspaceId = newId<WorkspaceId>();
const id = newId<CredentialId>();
const sealedAs = (sealed: string): SealedCredential => ({ workspaceId, credential: { id, sealed } });

/** Ciphertexts are names here, with the time for which their tokens are good. */
function world(
  lives: Record<string, number | undefined>,
  answer: (sealed: string) => RefreshAnswer | Promise<RefreshAnswer>,
) {
  const asked: string[] = [];
  const open = ({ credential }: SealedCredential): CredentialOpening => {
    const accessToken = credential?.sealed ?? '';
    const life = lives[accessToken];
    const expiresAt = life === undefined ? {} : { expiresAt: new Date(now + life).toISOString() };
    const fields = { type: 'oauth2', accessToken, refreshToken: 'r', ...expiresAt };
    return { ok: true, opened: { fields, mask: (text) => text } };
  };
  const fresh = createFreshCredentials(
    open,
    async (sealed) => {
      asked.push(sealed.credential?.sealed ?? '');
      await Promise.resolve();
      return answer(sealed.credential?.sealed ?? '');
    },
    () => now,
  );
  const tokenOf = async (sealed: string): Promise<unknown> => {
    const opening = await fresh.open(sealedAs(sealed));
    return opening.ok ? (opening.opened.fields as { accessToken: string }).accessToken : opening;
  };
  return { fresh, asked, tokenOf };
}

describe('tokens', () => {
  it('are used as they are while they are good, or nobody knows until when', async () => {
    const { asked, tokenOf } = world({ long: 120_000, open: undefined }, () => ({ outcome: 'refreshed', sealed: 'x' }));
    expect([await tokenOf('long'), await tokenOf('open')]).toEqual(['long', 'open']);
    expect(asked).toEqual([]);
  });

  it('are asked for once when several steps need others at the same time, and the former ciphertext leads to them', async () => {
    const { asked, tokenOf } = world({ old: -1, new: 3_600_000 }, () => ({ outcome: 'refreshed', sealed: 'new' }));
    expect(await Promise.all([tokenOf('old'), tokenOf('old'), tokenOf('old')])).toEqual(['new', 'new', 'new']);
    expect(await tokenOf('old')).toBe('new');
    expect(asked).toEqual(['old']);
  });

  it('are used to their end when no others can be got', async () => {
    const away: RefreshAnswer = { outcome: 'unavailable', message: 'away' };
    const { tokenOf } = world({ short: 30_000, over: -1 }, () => away);
    expect(await tokenOf('short')).toBe('short');
    expect(await tokenOf('over')).toEqual({ ok: false, code: 'token_expired', message: 'away', transient: true });
  });

  it('fail the step for good when the refresh token is refused', async () => {
    const { tokenOf } = world({ over: -1 }, () => ({ outcome: 'refused', message: 'authorize anew' }));
    expect(await tokenOf('over')).toMatchObject({ code: 'credential_refused', transient: false });
  });

  it('that were refused before their time are renewed, and are told apart from those that nobody can replace', async () => {
    const { fresh, tokenOf } = world({ a: 3_600_000, b: 3_600_000 }, (sealed) => ({
      outcome: 'refreshed',
      sealed: sealed === 'a' ? 'b' : sealed,
    }));
    expect(await fresh.renew(sealedAs('a'))).toBe(true);
    expect(await tokenOf('a')).toBe('b');
    expect(await fresh.renew(sealedAs('a'))).toBe(false);
  });
});
