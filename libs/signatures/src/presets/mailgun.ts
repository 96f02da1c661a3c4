import type { Preset } from '../scheme.js';

/**
 * https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks
 * Timestamp and token are signed, the event is not: who can read one request can forge others. Mailgun retries for
 * 8 hours and warns of delays beyond its control, so a timestamp may be a day old.
 */
export const mailgun: Preset = {
  title: 'Mailgun',
  docs: 'https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks',
  secret: 'the HTTP webhook signing key of the account',
  marks: [],
  coversBody: false,
  deliveryId: { json: 'signature.token' },
  schemes: [
    {
      algorithm: 'hmac-sha256',
      encoding: 'hex',
      key: 'text',
      signature: { json: 'signature.signature' },
      timestamp: { at: { json: 'signature.timestamp' }, unit: 'seconds', toleranceSeconds: 86_400 },
      id: { json: 'signature.token' },
      signedContent: '{timestamp}{id}',
    },
  ],
};
