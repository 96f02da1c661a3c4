import { deriveComponentKey } from '@millrace/credentials';
import { describe, expect, it } from 'vitest';
import { type StackSettings, defaultPorts, serviceEntry, serviceEnv, serviceNames, stackUrls } from './service-list.js';

const settings: StackSettings = {
  databaseUrl: 'postgresql://u:p@127.0.0.1:1/millrace',
  amqpUrl: 'amqp://u:p@127.0.0.1:2',
  masterKey: Buffer.alloc(32, 7),
  ports: defaultPorts,
};

describe('serviceEnv', () => {
  it('gives the master key to the control plane only', () => {
    const master = settings.masterKey.toString('base64');
    const holders = serviceNames.filter((name) => Object.values(serviceEnv(name, settings)).includes(master));
    expect(holders).toEqual(['api']);
  });

  it('gives a component its own key and no database', () => {
    const env = serviceEnv('component-petstore', settings);
    expect(env['CREDENTIAL_KEY']).toBe(deriveComponentKey(settings.masterKey, 'petstore').toString('base64'));
    expect(env['DATABASE_URL']).toBeUndefined();
    expect(env['PETSTORE_BASE_URL']).toBe('http://127.0.0.1:3002/petstore/v2');
  });

  it('lets flows call what runs on this machine', () => {
    expect(serviceEnv('component-webhook', settings)['OUTGOING_ALLOW']).toBe('127.0.0.0/8,::1');
  });

  it('lets the service of webhook URLs open credentials of the webhook component', () => {
    expect(serviceEnv('webhooks-service', settings)['CREDENTIAL_KEY_WEBHOOK']).toBe(
      serviceEnv('component-webhook', settings)['CREDENTIAL_KEY'],
    );
  });

  it('tells the control plane where webhook URLs begin', () => {
    expect(serviceEnv('api', settings)['HOOK_URL']).toBe(stackUrls(defaultPorts).hook);
  });
});

describe('serviceEntry', () => {
  it('finds components in their own folder', () => {
    expect(serviceEntry('component-petstore')).toBe('apps/components/petstore/dist/main.js');
    expect(serviceEntry('api')).toBe('apps/api/dist/main.js');
  });
});
