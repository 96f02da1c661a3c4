import type { Preset } from '../scheme.js';

/**
 * https://docs.gitlab.com/user/project/integrations/webhooks/#create-a-webhook
 * The secret token comes along as it is and signs nothing: who can read one request can forge others. GitLab since
 * 19.0 can sign instead, see `gitlab-signed.ts`.
 */
export const gitlab: Preset = {
  title: 'GitLab (secret token)',
  docs: 'https://docs.gitlab.com/user/project/integrations/webhooks/#create-a-webhook',
  secret: 'the secret token of the webhook',
  marks: ['x-gitlab-event'],
  coversBody: false,
  deliveryId: { header: 'idempotency-key' },
  schemes: [
    {
      algorithm: 'plain',
      encoding: 'text',
      key: 'text',
      signature: { header: 'x-gitlab-token' },
      signedContent: '',
    },
  ],
};
