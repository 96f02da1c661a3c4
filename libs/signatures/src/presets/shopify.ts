import type { Preset } from '../scheme.js';

/** https://shopify.dev/docs/apps/build/webhooks/verify-deliveries */
export const shopify: Preset = {
  title: 'Shopify',
  docs: 'https://shopify.dev/docs/apps/build/webhooks/verify-deliveries',
  secret: 'the client secret of the app; for webhooks made in the admin, the key shown under the list of webhooks',
  marks: ['x-shopify-topic'],
  coversBody: true,
  deliveryId: { header: 'x-shopify-webhook-id' },
  schemes: [
    {
      algorithm: 'hmac-sha256',
      encoding: 'base64',
      key: 'text',
      signature: { header: 'x-shopify-hmac-sha256' },
      signedContent: '{body}',
    },
  ],
};
