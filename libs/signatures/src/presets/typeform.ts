import type { Preset } from '../scheme.js';

/** https://www.typeform.com/developers/webhooks/secure-your-webhooks/ */
export const typeform: Preset = {
  title: 'Typeform',
  docs: 'https://www.typeform.com/developers/webhooks/secure-your-webhooks/',
  secret: 'the secret of the webhook',
  marks: ['typeform-signature'],
  coversBody: true,
  deliveryId: { json: 'event_id' },
  schemes: [
    {
      algorithm: 'hmac-sha256',
      encoding: 'base64',
      key: 'text',
      signature: { header: 'typeform-signature', prefix: 'sha256=' },
      signedContent: '{body}',
    },
  ],
};
