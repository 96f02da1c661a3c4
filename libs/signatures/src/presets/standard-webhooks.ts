import type { Preset, Scheme } from '../scheme.js';

/**
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 * The header holds several signatures during a rotation, with blanks between them: `v1,` HMAC-SHA256 with a `whsec_`
 * secret, `v1a,` Ed25519 with a `whpk_` public key.
 */
export const standardWebhooks: Preset = {
  title: 'Standard Webhooks',
  docs: 'https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md',
  secret: 'the signing secret, whsec_…, or the public key, whpk_…',
  marks: [],
  coversBody: true,
  deliveryId: { header: 'webhook-id' },
  schemes: [...schemesWithHeaders('webhook'), ...schemesWithHeaders('svix')],
};

/** The symmetric and the asymmetric scheme, with headers that begin with `stem`. */
export function schemesWithHeaders(stem: 'webhook' | 'svix'): [v1: Scheme, v1a: Scheme] {
  const shared = {
    encoding: 'base64',
    timestamp: { at: { header: `${stem}-timestamp` }, unit: 'seconds', toleranceSeconds: 300 },
    id: { header: `${stem}-id` },
    signedContent: '{id}.{timestamp}.{body}',
  } as const;
  const signature = { header: `${stem}-signature`, separator: ' ' } as const;
  return [
    { ...shared, algorithm: 'hmac-sha256', key: 'whsec', signature: { ...signature, prefix: 'v1,' } },
    { ...shared, algorithm: 'ed25519', key: 'whpk', signature: { ...signature, prefix: 'v1a,' } },
  ];
}
