import type { Preset } from '../scheme.js';

/**
 * https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 * GitHub also sends `X-Hub-Signature` with SHA-1 for old receivers; it is not looked at.
 */
export const github: Preset = {
  title: 'GitHub',
  docs: 'https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries',
  secret: 'the secret that was typed in where the webhook was created',
  marks: ['x-github-event'],
  coversBody: true,
  deliveryId: { header: 'x-github-delivery' },
  schemes: [
    {
      algorithm: 'hmac-sha256',
      encoding: 'hex',
      key: 'text',
      signature: { header: 'x-hub-signature-256', prefix: 'sha256=' },
      signedContent: '{body}',
    },
  ],
};
