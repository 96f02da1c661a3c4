import { deriveAttachmentUrlKey, deriveComponentKey, deriveResumeUrlKey } from '@millrace/credentials';
import { describe, expect, it } from 'vitest';
import { composeEnv, kubernetesSecrets } from './formats.js';
import { installationKeys, randomPassword } from './installation-keys.js';

const masterKey = Buffer.alloc(32, 7);
const petstoreKey = deriveComponentKey(masterKey, 'petstore').toString('base64');

describe('the keys of an installation', () => {
  it('follow from a given master key, so that a component can be added later', () => {
    const keys = installationKeys(['petstore'], masterKey.toString('base64'));
    expect(keys.masterKey).toBe(masterKey.toString('base64'));
    expect(keys.componentKeys).toEqual(new Map([['petstore', petstoreKey]]));
  });

  it('are new every time without one', () => {
    expect(installationKeys(['petstore'])).not.toEqual(installationKeys(['petstore']));
  });

  it('are refused with a reason that shows no key', () => {
    const wrong = Buffer.alloc(31, 7).toString('base64');
    expect(() => installationKeys(['petstore'], wrong)).toThrow(/31 bytes/);
    expect(() => installationKeys(['petstore'], wrong)).not.toThrow(wrong);
    expect(() => installationKeys(['Pet: store'])).toThrow(/no name of a component/);
  });
});

describe('composeEnv', () => {
  it('names every variable of docker/.env once, the component in capitals', () => {
    const text = composeEnv(installationKeys(['petstore', 'pet-two'], masterKey.toString('base64')), {
      postgres: 'p',
      rabbitmq: 'r',
      administrator: 'a',
    });
    expect(text.split('\n').slice(0, 8)).toEqual([
      'POSTGRES_PASSWORD=p',
      'RABBITMQ_PASSWORD=r',
      'ADMIN_EMAIL=administrator@example.com',
      'ADMIN_PASSWORD=a',
      `MASTER_KEY=${masterKey.toString('base64')}`,
      `ATTACHMENT_URL_KEY=${deriveAttachmentUrlKey(masterKey).toString('base64')}`,
      `RESUME_URL_KEY=${deriveResumeUrlKey(masterKey).toString('base64')}`,
      `CREDENTIAL_KEY_PETSTORE=${petstoreKey}`,
    ]);
    expect(text).toMatch(/\nCREDENTIAL_KEY_PET_TWO=.{44}\n$/);
  });
});

describe('kubernetesSecrets', () => {
  it('makes one Secret for the master key, one for each kind of signed URL and one per component', () => {
    const text = kubernetesSecrets(installationKeys(['webhook', 'petstore'], masterKey.toString('base64')));
    expect([...text.matchAll(/name: (millrace-[a-z-]+)/g)].map((match) => match[1])).toEqual([
      'millrace-master-key',
      'millrace-attachment-url-key',
      'millrace-resume-url-key',
      'millrace-key-webhook',
      'millrace-key-petstore',
    ]);
    expect(text).toContain(`stringData: { key: '${petstoreKey}' }`);
  });
});

describe('randomPassword', () => {
  it('can stand in a URL as it is', () => {
    for (let index = 0; index < 100; index += 1) expect(randomPassword()).toMatch(/^[A-Za-z0-9_-]{24}$/);
  });
});
