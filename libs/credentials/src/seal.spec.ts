import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { newId, type CredentialId, type JsonObject, type WorkspaceId } from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import { deriveComponentKey } from './keys.js';
import { CredentialUnreadableError, needsReseal, openCredential, reseal, sealCredential } from './seal.js';

const master = randomBytes(32);
const key = deriveComponentKey(master, 'petstore');
const address = { workspaceId: newId<WorkspaceId>(), credentialId: newId<CredentialId>(), component: 'petstore' };
const fields = { apiKey: 'a very secret value', note: 'ü✓' };
const sealed = sealCredential({ ...address, key, fields });

function partOf(text: string, index: number): string {
  return text.split('.')[index] ?? '';
}

function refusal(open: () => unknown): CredentialUnreadableError {
  try {
    open();
  } catch (error) {
    if (error instanceof CredentialUnreadableError) return error;
    throw error;
  }
  throw new Error('it opened');
}

describe('sealed credentials', () => {
  it('open to the same fields, whatever they are', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const any = value as JsonObject;
        const opened = openCredential({
          ...address,
          keys: key,
          sealed: sealCredential({ ...address, key, fields: any }),
        });
        expect(JSON.stringify(opened)).toBe(JSON.stringify(any));
      }),
    );
  });

  it('show nothing of the fields and differ each time', () => {
    expect(sealed).toMatch(/^mr1\.[\w-]{8}\.[\w-]{16}\.[\w-]+$/);
    expect(Buffer.from(partOf(sealed, 3), 'base64url').toString('latin1')).not.toContain('secret');
    expect(sealCredential({ ...address, key, fields })).not.toBe(sealed);
  });

  it("do not open with another component's key", () => {
    const twitterKey = deriveComponentKey(master, 'twitter');
    expect(refusal(() => openCredential({ ...address, keys: twitterKey, sealed })).reason).toBe('unknown_key');
    const forTwitter = sealCredential({ ...address, component: 'twitter', key: twitterKey, fields });
    expect(refusal(() => openCredential({ ...address, keys: key, sealed: forTwitter })).reason).toBe('unknown_key');
    const relabelled = forTwitter.split('.').with(1, partOf(sealed, 1)).join('.');
    expect(refusal(() => openCredential({ ...address, keys: key, sealed: relabelled })).reason).toBe('not_authentic');
  });

  it('do not open under another workspace, credential or component', () => {
    for (const other of [
      { workspaceId: newId<WorkspaceId>() },
      { credentialId: newId<CredentialId>() },
      { component: 'twitter' },
      {
        workspaceId: address.credentialId as string as WorkspaceId,
        credentialId: address.workspaceId as string as CredentialId,
      },
    ]) {
      const error = refusal(() => openCredential({ ...address, ...other, keys: key, sealed }));
      expect(error.reason).toBe('not_authentic');
    }
  });

  it('do not open when any character was changed', () => {
    fc.assert(
      fc.property(
        fc.nat(sealed.length - 1),
        fc.constantFrom('A', 'Z', 'a', 'z', '0', '9', '-', '_', '.'),
        (at, character) => {
          fc.pre(sealed[at] !== character);
          const changed = sealed.slice(0, at) + character + sealed.slice(at + 1);
          expect(refusal(() => openCredential({ ...address, keys: key, sealed: changed })).reason).toMatch(/^[a-z_]+$/);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('do not open when any bit of the ciphertext, the tag or the IV was flipped', () => {
    for (const part of [2, 3]) {
      const bytes = Buffer.from(partOf(sealed, part), 'base64url');
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const flipped = Buffer.from(bytes);
        flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        const changed = sealed.split('.').with(part, flipped.toString('base64url')).join('.');
        expect(refusal(() => openCredential({ ...address, keys: key, sealed: changed })).reason).toBe('not_authentic');
      }
    }
  });

  it('are refused as malformed when they are not of the known form', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(refusal(() => openCredential({ ...address, keys: key, sealed: text })).reason).toBe('malformed');
      }),
    );
    for (const text of [sealed.replace('mr1', 'mr2'), `${sealed}.x`, `${sealed}=`, sealed.slice(0, 40)]) {
      expect(refusal(() => openCredential({ ...address, keys: key, sealed: text })).reason).toBe('malformed');
    }
  });

  it('never show a secret in an error', () => {
    const errors = [
      refusal(() => openCredential({ ...address, keys: randomBytes(32), sealed })),
      refusal(() => openCredential({ ...address, component: 'twitter', keys: key, sealed })),
      refusal(() => openCredential({ ...address, keys: key, sealed: 'a very secret value' })),
    ];
    for (const error of errors) {
      const shown = `${error.message}${error.stack}${JSON.stringify(error)}`;
      expect(shown).not.toContain('secret value');
      expect(shown).not.toContain(key.toString('base64url'));
      expect(shown).not.toContain(partOf(sealed, 3));
    }
  });

  it('open with the old key while keys rotate and are sealed again with the new one', () => {
    const newKey = deriveComponentKey(randomBytes(32), 'petstore');
    expect(needsReseal(sealed, newKey)).toBe(true);
    expect(openCredential({ ...address, keys: [newKey, key], sealed })).toEqual(fields);
    const again = reseal({ ...address, keys: [newKey, key], currentKey: newKey, sealed });
    expect(needsReseal(again, newKey)).toBe(false);
    expect(openCredential({ ...address, keys: newKey, sealed: again })).toEqual(fields);
    expect(refusal(() => openCredential({ ...address, keys: key, sealed: again })).reason).toBe('unknown_key');
  });
});
