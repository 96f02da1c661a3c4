import { z } from 'zod';
import { apiKeyFields, basicFields, hmacFields, noneFields } from './credential-fields.js';
import { presets } from './presets.js';
import type { Scheme } from './scheme.js';

/**
 * The fields of a webhook credential, by type. A further type is one more member here and one more verifier in
 * `authenticator.ts`; the compiler asks for the second.
 */
export const webhookCredentialSchema = z.discriminatedUnion('type', [
  noneFields,
  basicFields,
  apiKeyFields,
  hmacFields,
]);

export type WebhookCredential = z.infer<typeof webhookCredentialSchema>;

/** The fields that must never be shown, by type; `writeOnly` in the JSON Schema. */
export const secretFields = {
  none: [],
  basic: ['password', 'previousPassword'],
  apiKey: ['value', 'previousValue'],
  hmac: ['secret', 'previousSecret'],
} as const satisfies Record<WebhookCredential['type'], readonly string[]>;

/** Headers, in lower case, and query parameters in which callers send the secret itself. */
export interface SecretPlaces {
  headers: string[];
  queryNames: string[];
}

/** Where requests under this credential carry the secret itself: what goes on or is recorded must leave these out. */
export function secretPlaces(credential: WebhookCredential): SecretPlaces {
  switch (credential.type) {
    case 'none':
      return { headers: [], queryNames: [] };
    case 'basic':
      return { headers: ['authorization'], queryNames: [] };
    case 'apiKey':
      return {
        headers: [credential.headerName.toLowerCase()],
        queryNames: credential.queryName === undefined ? [] : [credential.queryName],
      };
    case 'hmac': {
      const schemes: readonly Scheme[] = credential.preset ? presets[credential.preset].schemes : [];
      const plain = schemes.filter(({ algorithm }) => algorithm === 'plain').map(({ signature }) => signature);
      return { headers: plain.flatMap((place) => ('header' in place ? [place.header] : [])), queryNames: [] };
    }
  }
}
