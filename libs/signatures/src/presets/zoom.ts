import type { Preset } from '../scheme.js';

/**
 * https://developers.zoom.us/docs/api/webhooks/#verify-webhook-events
 * The URL is validated when it is entered and every 72 hours, by a signed `endpoint.url_validation`.
 */
export const zoom: Preset = {
  title: 'Zoom',
  docs: 'https://developers.zoom.us/docs/api/webhooks/#verify-webhook-events',
  secret: 'the secret token of the app, under Features, Access',
  marks: ['x-zm-signature'],
  coversBody: true,
  schemes: [
    {
      algorithm: 'hmac-sha256',
      encoding: 'hex',
      key: 'text',
      signature: { header: 'x-zm-signature', prefix: 'v0=' },
      timestamp: { at: { header: 'x-zm-request-timestamp' }, unit: 'seconds', toleranceSeconds: 300 },
      signedContent: 'v0:{timestamp}:{body}',
    },
  ],
  handshakes: [
    {
      field: 'event',
      equals: 'endpoint.url_validation',
      status: 200,
      answer: { plainToken: { copy: 'payload.plainToken' }, encryptedToken: { hmac: 'payload.plainToken' } },
    },
  ],
};
