import type { Preset } from '../scheme.js';

/**
 * https://docs.stripe.com/webhooks#verify-manually
 * While a secret is rolled, the header holds one `v1` per secret. The secret is used as text, `whsec_` included. A
 * retry is signed anew, so five minutes are enough.
 */
export const stripe: Preset = {
  title: 'Stripe',
  docs: 'https://docs.stripe.com/webhooks#verify-manually',
  secret: 'the signing secret of the webhook endpoint, whsec_…',
  marks: ['stripe-signature'],
  coversBody: true,
  deliveryId: { json: 'id' },
  schemes: [
    {
      algorithm: 'hmac-sha256',
      encoding: 'hex',
      key: 'text',
      signature: { header: 'stripe-signature', separator: ',', prefix: 'v1=' },
      timestamp: {
        at: { header: 'stripe-signature', separator: ',', prefix: 't=' },
        unit: 'seconds',
        toleranceSeconds: 300,
      },
      signedContent: '{timestamp}.{body}',
    },
  ],
};
