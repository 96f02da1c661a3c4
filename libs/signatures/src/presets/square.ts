import type { Preset } from '../scheme.js';

/**
 * https://developer.squareup.com/docs/webhooks/step3validate
 * The URL is signed as it stands in the subscription: it must be the webhook URL of the flow to the letter.
 */
export const square: Preset = {
  title: 'Square',
  docs: 'https://developer.squareup.com/docs/webhooks/step3validate',
  secret: 'the signature key of the webhook subscription',
  marks: ['x-square-hmacsha256-signature'],
  coversBody: true,
  deliveryId: { json: 'event_id' },
  schemes: [
    {
      algorithm: 'hmac-sha256',
      encoding: 'base64',
      key: 'text',
      signature: { header: 'x-square-hmacsha256-signature' },
      signedContent: '{url}{body}',
    },
  ],
};
