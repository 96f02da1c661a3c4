import type { ReceiveSettings } from '@millrace/webhook-settings';
import type { Call } from './call.js';
import { headerOf } from './call.js';

/** What a browser needs to let a page of another origin read an answer; nothing where the flow did not ask for it. */
export function corsHeaders({ cors }: ReceiveSettings, call: Call): Record<string, string> | undefined {
  if (!cors) return undefined;
  const origin = headerOf(call, 'origin');
  const allowed = origin === undefined ? undefined : allowedOrigin(cors.origins, origin);
  if (allowed === undefined) return { vary: 'origin' };
  // The wildcards hold because no answer allows credentials.
  return { vary: 'origin', 'access-control-allow-origin': allowed, 'access-control-expose-headers': '*' };
}

/**
 * The answer to a browser's question whether a page may call (a CORS preflight), without what `corsHeaders` says;
 * `undefined` when the call is none, or the flow takes no calls of pages.
 */
export function preflightHeaders({ cors, methods }: ReceiveSettings, call: Call): Record<string, string> | undefined {
  if (!cors || call.method !== 'OPTIONS') return undefined;
  const origin = headerOf(call, 'origin');
  if (origin === undefined || call.headers['access-control-request-method'] === undefined) return undefined;
  if (allowedOrigin(cors.origins, origin) === undefined) return {};
  return {
    'access-control-allow-methods': methods.join(', '),
    'access-control-allow-headers': [...new Set(['content-type', ...cors.allowedHeaders])].join(', '),
    'access-control-max-age': String(cors.maxAgeSeconds),
  };
}

function allowedOrigin(origins: readonly string[], origin: string): string | undefined {
  if (origins.includes('*')) return '*';
  return origins.includes(origin.toLowerCase()) ? origin : undefined;
}
