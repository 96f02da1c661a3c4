import type { Preset } from '../scheme.js';

/**
 * https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation
 * Version 3. HubSpot still sends versions 1 and 2 beside it, plain SHA-256 of secret and request: they have no
 * timestamp and can be extended by who does not know the secret, so they are not taken.
 */
export const hubspot: Preset = {
  title: 'HubSpot',
  docs: 'https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation',
  secret: 'the client secret of the app',
  marks: ['x-hubspot-signature-v3'],
  coversBody: true,
  schemes: [
    {
      algorithm: 'hmac-sha256',
      encoding: 'base64',
      key: 'text',
      signature: { header: 'x-hubspot-signature-v3' },
      timestamp: { at: { header: 'x-hubspot-request-timestamp' }, unit: 'milliseconds', toleranceSeconds: 300 },
      signedContent: '{method}{url}{body}{timestamp}',
      urlForms: ['as-called', 'reserved-decoded'],
    },
  ],
};
