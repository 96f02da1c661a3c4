import type { Preset } from '../scheme.js';
import { schemesWithHeaders } from './standard-webhooks.js';

/** https://docs.svix.com/receiving/verifying-payloads/how-manual – Standard Webhooks under Svix's names of headers. */
export const svix: Preset = {
  title: 'Svix',
  docs: 'https://docs.svix.com/receiving/verifying-payloads/how-manual',
  secret: 'the signing secret of the endpoint, whsec_…, or its public key, whpk_…',
  marks: ['svix-id'],
  coversBody: true,
  deliveryId: { header: 'svix-id' },
  schemes: schemesWithHeaders('svix'),
};
