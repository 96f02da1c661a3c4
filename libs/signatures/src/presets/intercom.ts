import type { Preset } from '../scheme.js';

/** https://developers.intercom.com/docs/webhooks/setting-up-webhooks#signed-notifications – SHA-1 is all there is. */
export const intercom: Preset = {
  title: 'Intercom',
  docs: 'https://developers.intercom.com/docs/webhooks/setting-up-webhooks#signed-notifications',
  secret: 'the client secret of the app, under Basic Information',
  marks: [],
  coversBody: true,
  deliveryId: { json: 'id' },
  schemes: [
    {
      algorithm: 'hmac-sha1',
      encoding: 'hex',
      key: 'text',
      signature: { header: 'x-hub-signature', prefix: 'sha1=' },
      signedContent: '{body}',
    },
  ],
};
