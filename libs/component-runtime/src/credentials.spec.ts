import { randomBytes } from 'node:crypto';
import { defineComponent, action, secret } from '@millrace/component-sdk';
import { newId, type CredentialId, type WorkspaceId } from '@millrace/contracts';
import { deriveComponentKey, sealCredential } from '@millrace/credentials';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createCredentialOpener } from './credentials.js';

const fields = z.object({ apiKey: secret() });
const petstore = defineComponent({
  name: 'petstore',
  title: 'Petstore',
  version: '1.0.0',
  credentials: { fields },
  actions: { none: action({ title: 'None', input: z.unknown(), output: z.unknown(), run: () => null }) },
});
const master = randomBytes(32);
const workspaceId = newId<WorkspaceId>();

function sealedFor(component: string, parts: { master?: Buffer; workspaceId?: WorkspaceId } = {}) {
  const id = newId<CredentialId>();
  const key = deriveComponentKey(parts.master ?? master, component);
  const sealed = sealCredential({ key, workspaceId, credentialId: id, component, fields: { apiKey: 'hunter2' } });
  return { workspaceId: parts.workspaceId ?? workspaceId, credential: { id, sealed } };
}

describe('the key of petstore', () => {
  const open = createCredentialOpener(petstore, [deriveComponentKey(master, 'petstore')]);

  it('opens what is sealed for petstore', () => {
    expect(open(sealedFor('petstore'))).toMatchObject({ ok: true, opened: { fields: { apiKey: 'hunter2' } } });
  });

  it.each(['twitter', 'webhook', 'petstore2', 'petstor', 'Petstore', 'petstore '])(
    'opens nothing of another component (%j), and says nothing of it',
    (other) => {
      const opening = open(sealedFor(other));
      expect(opening).toMatchObject({ ok: false, code: 'credential_unreadable' });
      expect(JSON.stringify(opening)).not.toContain('hunter2');
    },
  );

  it('opens none that was sealed for it under a foreign name, workspace or id', () => {
    const own = sealedFor('petstore');
    const foreign = newId<CredentialId>();
    const key = deriveComponentKey(master, 'petstore');
    const asTwitter = sealCredential({
      key,
      workspaceId,
      credentialId: own.credential.id,
      component: 'twitter',
      fields: { apiKey: 'hunter2' },
    });
    for (const moved of [
      { ...own, workspaceId: newId<WorkspaceId>() },
      { ...own, credential: { ...own.credential, id: foreign } },
      { ...own, credential: { ...own.credential, sealed: asTwitter } },
      sealedFor('petstore', { master: randomBytes(32) }),
    ]) {
      expect(open(moved)).toMatchObject({ ok: false, code: 'credential_unreadable' });
    }
  });
});
