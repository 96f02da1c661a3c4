import type { Preset } from '../scheme.js';

/**
 * https://docs.discord.com/developers/interactions/overview#setting-up-an-endpoint
 * https://docs.discord.com/developers/events/webhook-events
 * A PING has type 1 among interactions and type 0 among webhook events, where type 1 is an event.
 */
export const discord: Preset = {
  title: 'Discord',
  docs: 'https://docs.discord.com/developers/interactions/overview#setting-up-an-endpoint',
  secret: 'the public key of the application, hex',
  marks: ['x-signature-ed25519'],
  coversBody: true,
  deliveryId: { json: 'id' },
  schemes: [
    {
      algorithm: 'ed25519',
      encoding: 'hex',
      key: 'ed25519',
      signature: { header: 'x-signature-ed25519' },
      timestamp: { at: { header: 'x-signature-timestamp' }, unit: 'seconds', toleranceSeconds: 300 },
      signedContent: '{timestamp}{body}',
    },
  ],
  handshakes: [
    { field: 'type', equals: 1, absent: 'event', status: 200, answer: { type: 1 } },
    { field: 'type', equals: 0, absent: 'event', status: 204 },
  ],
};
