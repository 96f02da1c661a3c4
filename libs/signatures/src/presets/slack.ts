import type { Preset } from '../scheme.js';

/**
 * https://docs.slack.dev/authentication/verifying-requests-from-slack
 * A new request URL is tried with `url_verification`, which is signed like every other request:
 * https://docs.slack.dev/reference/events/url_verification
 */
export const slack: Preset = {
  title: 'Slack',
  docs: 'https://docs.slack.dev/authentication/verifying-requests-from-slack',
  secret: 'the signing secret of the app, under Basic Information',
  marks: ['x-slack-signature'],
  coversBody: true,
  deliveryId: { json: 'event_id' },
  schemes: [
    {
      algorithm: 'hmac-sha256',
      encoding: 'hex',
      key: 'text',
      signature: { header: 'x-slack-signature', prefix: 'v0=' },
      timestamp: { at: { header: 'x-slack-request-timestamp' }, unit: 'seconds', toleranceSeconds: 300 },
      signedContent: 'v0:{timestamp}:{body}',
    },
  ],
  handshakes: [
    { field: 'type', equals: 'url_verification', status: 200, answer: { challenge: { copy: 'challenge' } } },
  ],
};
