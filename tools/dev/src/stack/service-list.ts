import { deriveAttachmentUrlKey, deriveComponentKey, deriveResumeUrlKey } from '@millrace/credentials';

/** What the services of one stack have in common. */
export interface StackSettings {
  readonly databaseUrl: string;
  readonly amqpUrl: string;
  /** 32 random bytes; the keys of the components are derived from it. */
  readonly masterKey: Buffer;
  readonly ports: ServicePorts;
  readonly logLevel?: string;
}

export const serviceNames = [
  'sandbox',
  'component-webhook',
  'component-petstore',
  'component-timer',
  'component-core',
  'component-http',
  'component-twitter',
  'orchestrator',
  'api',
  'webhooks-service',
] as const;

export type ServiceName = (typeof serviceNames)[number];

/** The port of each service: its API, or its health routes where it has none. */
export type ServicePorts = Readonly<Record<ServiceName, number>>;

/** Ports that people know by heart; others are used where these are taken. */
export const defaultPorts: ServicePorts = {
  api: 3000,
  'webhooks-service': 3001,
  sandbox: 3002,
  orchestrator: 3003,
  'component-webhook': 3004,
  'component-petstore': 3005,
  'component-timer': 3006,
  'component-core': 3007,
  'component-http': 3008,
  'component-twitter': 3009,
};

/** Addresses that people and other programs use. */
export interface StackUrls {
  readonly api: string;
  readonly hook: string;
  readonly sandbox: string;
}

export function stackUrls(ports: ServicePorts): StackUrls {
  return {
    api: `http://localhost:${ports.api}`,
    hook: `http://localhost:${ports['webhooks-service']}`,
    sandbox: `http://localhost:${ports.sandbox}`,
  };
}

/** The built entry of a service, from the root of the clone. */
export function serviceEntry(name: ServiceName): string {
  const component = componentOf(name);
  return component ? `apps/components/${component}/dist/main.js` : `apps/${name}/dist/main.js`;
}

/** The settings that a service reads from its environment. No service gets more than it needs. */
export function serviceEnv(name: ServiceName, settings: StackSettings): Record<string, string> {
  const { databaseUrl, amqpUrl, masterKey, ports } = settings;
  const port = String(ports[name]);
  const componentKey = (component: string): string => deriveComponentKey(masterKey, component).toString('base64');
  const resumeUrlKey = (): string => deriveResumeUrlKey(masterKey).toString('base64');
  const shared = { LOG_LEVEL: settings.logLevel ?? 'info' };
  const component = {
    ...shared,
    HEALTH_PORT: port,
    AMQP_URL: amqpUrl,
    API_URL: `http://127.0.0.1:${ports.api}`,
    // What people try out is on this machine too.
    OUTGOING_ALLOW: '127.0.0.0/8,::1',
  };
  switch (name) {
    case 'sandbox':
      return { ...shared, PORT: port };
    case 'orchestrator':
      return {
        ...shared,
        HEALTH_PORT: port,
        DATABASE_URL: databaseUrl,
        AMQP_URL: amqpUrl,
        HOOK_URL: stackUrls(ports).hook,
        RESUME_URL_KEY: resumeUrlKey(),
      };
    case 'api':
      return {
        ...shared,
        PORT: port,
        DATABASE_URL: databaseUrl,
        AMQP_URL: amqpUrl,
        MASTER_KEY: masterKey.toString('base64'),
        HOOK_URL: stackUrls(ports).hook,
        CONSOLE_URL: stackUrls(ports).api,
      };
    case 'webhooks-service':
      return {
        ...shared,
        PORT: port,
        DATABASE_URL: databaseUrl,
        AMQP_URL: amqpUrl,
        HOOK_URL: stackUrls(ports).hook,
        CREDENTIAL_KEY_WEBHOOK: componentKey('webhook'),
        ATTACHMENT_URL_KEY: deriveAttachmentUrlKey(masterKey).toString('base64'),
        RESUME_URL_KEY: resumeUrlKey(),
      };
    case 'component-webhook':
      return { ...component, CREDENTIAL_KEY: componentKey('webhook') };
    case 'component-petstore':
      return {
        ...component,
        CREDENTIAL_KEY: componentKey('petstore'),
        PETSTORE_BASE_URL: `http://127.0.0.1:${ports.sandbox}/petstore/v2`,
      };
    case 'component-http':
      return { ...component, CREDENTIAL_KEY: componentKey('http') };
    case 'component-twitter':
      return {
        ...component,
        CREDENTIAL_KEY: componentKey('twitter'),
        TWITTER_BASE_URL: `http://127.0.0.1:${ports.sandbox}`,
      };
    case 'component-timer':
    case 'component-core':
      // They take no credentials, so they have no key.
      return component;
  }
}

function componentOf(name: ServiceName): string | undefined {
  return name.startsWith('component-') ? name.slice('component-'.length) : undefined;
}
