import type { Preset } from '../scheme.js';

/**
 * https://www.twilio.com/docs/usage/security#validating-requests
 * A form is signed by its sorted fields, any other body through its hash in the query, `bodySHA256`. The port may be in
 * the signed URL or not. Nothing stands between the names and values that are signed: a form that is cut into fields in
 * another place has the same signature.
 */
export const twilio: Preset = {
  title: 'Twilio',
  docs: 'https://www.twilio.com/docs/usage/security#validating-requests',
  secret: 'the auth token of the account',
  marks: ['x-twilio-signature'],
  coversBody: true,
  deliveryId: { header: 'i-twilio-idempotency-token' },
  schemes: [
    {
      algorithm: 'hmac-sha1',
      encoding: 'base64',
      key: 'text',
      signature: { header: 'x-twilio-signature' },
      signedContent: '{url}{form}',
      urlForms: ['as-called', 'other-port'],
      bodyHashQuery: 'bodySHA256',
    },
  ],
};
