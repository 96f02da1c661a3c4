import type { Preset } from '../scheme.js';
import { schemesWithHeaders } from './standard-webhooks.js';

/**
 * https://docs.gitlab.com/user/project/integrations/webhooks/#signing-tokens
 * GitLab's signing token makes Standard Webhooks signatures; an `X-Gitlab-Token` beside them is not looked at.
 */
export const gitlabSigned: Preset = {
  title: 'GitLab (signing token)',
  docs: 'https://docs.gitlab.com/user/project/integrations/webhooks/#signing-tokens',
  secret: 'the signing token of the webhook, whsec_…',
  marks: ['x-gitlab-event'],
  coversBody: true,
  deliveryId: { header: 'webhook-id' },
  schemes: [schemesWithHeaders('webhook')[0]],
};
