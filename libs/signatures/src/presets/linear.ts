import type { Preset } from '../scheme.js';

/** https://linear.app/developers/webhooks#securing-webhooks – the timestamp is in the signed body; a minute is advised. */
export const linear: Preset = {
  title: 'Linear',
  docs: 'https://linear.app/developers/webhooks#securing-webhooks',
  secret: 'the signing secret of the webhook',
  marks: ['linear-signature'],
  coversBody: true,
  deliveryId: { header: 'linear-delivery' },
  schemes: [
    {
      algorithm: 'hmac-sha256',
      encoding: 'hex',
      key: 'text',
      signature: { header: 'linear-signature' },
      timestamp: { at: { json: 'webhookTimestamp' }, unit: 'milliseconds', toleranceSeconds: 60 },
      signedContent: '{body}',
    },
  ],
};
