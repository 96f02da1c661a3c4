import type { Preset } from '../scheme.js';

/** https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/#Secure-webhooks */
export const bitbucket: Preset = {
  title: 'Bitbucket',
  docs: 'https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/#Secure-webhooks',
  secret: 'the secret of the webhook',
  marks: ['x-event-key'],
  coversBody: true,
  deliveryId: { header: 'x-request-uuid' },
  schemes: [
    {
      algorithm: 'hmac-sha256',
      encoding: 'hex',
      key: 'text',
      signature: { header: 'x-hub-signature', prefix: 'sha256=' },
      signedContent: '{body}',
    },
  ],
};
