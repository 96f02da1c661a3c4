import type { Preset } from '../scheme.js';

/**
 * https://developer.paddle.com/webhooks/signature-verification
 * The header may hold several `h1` while a secret is rotated. Paddle's own libraries allow 5 s, which is less than
 * clocks and networks need.
 */
export const paddle: Preset = {
  title: 'Paddle',
  docs: 'https://developer.paddle.com/webhooks/signature-verification',
  secret: 'the secret key of the notification destination, pdl_ntfset_…',
  marks: ['paddle-signature'],
  coversBody: true,
  deliveryId: { json: 'event_id' },
  schemes: [
    {
      algorithm: 'hmac-sha256',
      encoding: 'hex',
      key: 'text',
      signature: { header: 'paddle-signature', separator: ';', prefix: 'h1=' },
      timestamp: {
        at: { header: 'paddle-signature', separator: ';', prefix: 'ts=' },
        unit: 'seconds',
        toleranceSeconds: 300,
      },
      signedContent: '{timestamp}:{body}',
    },
  ],
};
