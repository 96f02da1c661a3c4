import type { InstallationKeys } from './installation-keys.js';

/** Passwords of one installation with `docker compose`. */
export interface Passwords {
  postgres: string;
  rabbitmq: string;
  administrator: string;
}

/** The lines of `docker/.env`. */
export function composeEnv(keys: InstallationKeys, passwords: Passwords): string {
  const lines = [
    `POSTGRES_PASSWORD=${passwords.postgres}`,
    `RABBITMQ_PASSWORD=${passwords.rabbitmq}`,
    'ADMIN_EMAIL=administrator@example.com',
    `ADMIN_PASSWORD=${passwords.administrator}`,
    `MASTER_KEY=${keys.masterKey}`,
    `ATTACHMENT_URL_KEY=${keys.attachmentUrlKey}`,
    `RESUME_URL_KEY=${keys.resumeUrlKey}`,
    ...[...keys.componentKeys].map(([name, key]) => `CREDENTIAL_KEY_${constantCase(name)}=${key}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** Secret manifests: one for the master key, one each for URLs of files and resume URLs, one per component, so that a pod can be given only its own. */
export function kubernetesSecrets(keys: InstallationKeys): string {
  const secrets = [
    secret('millrace-master-key', keys.masterKey),
    secret('millrace-attachment-url-key', keys.attachmentUrlKey),
    secret('millrace-resume-url-key', keys.resumeUrlKey),
    ...[...keys.componentKeys].map(([name, key]) => secret(`millrace-key-${name}`, key)),
  ];
  return secrets.join('---\n');
}

function secret(name: string, key: string): string {
  return [
    'apiVersion: v1',
    'kind: Secret',
    `metadata: { name: ${name}, labels: { app.kubernetes.io/part-of: millrace } }`,
    'type: Opaque',
    `stringData: { key: '${key}' }`,
    '',
  ].join('\n');
}

function constantCase(name: string): string {
  return name.replaceAll('-', '_').toUpperCase();
}
