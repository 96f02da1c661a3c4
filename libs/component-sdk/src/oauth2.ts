import { z } from 'zod';
import { secret } from './secret.js';

/** What `oauth2` takes. Addresses may depend on what the operator set. */
export interface OAuth2Definition<Settings = unknown> {
  /** The page on which people let an app act for them. */
  authorizeUrl: string | ((settings: Settings) => string);
  /** Where codes and refresh tokens are exchanged. */
  tokenUrl: string | ((settings: Settings) => string);
  scopes: readonly string[];
  /** Whether the code is bound to a secret of who asked for it (RFC 7636). Say true wherever the system knows it. */
  pkce: boolean;
}

/**
 * Lets people get a credential of type `oauth2` without typing tokens: the control plane asks the system for them, keeps them
 * fresh, and gives steps tokens that are not over. The component's fields must be `oauth2Fields`, or offer them.
 */
export function oauth2<Settings = unknown>(definition: OAuth2Definition<Settings>): OAuth2Definition<Settings> {
  return definition;
}

/** The fields of a credential of OAuth 2.0; `about` says for people what it is. */
export function oauth2Fields(about: string) {
  return z.strictObject({
    type: z.literal('oauth2').describe(about),
    clientId: z.string().min(1).describe('Client id of your app'),
    clientSecret: secret().optional().describe('Client secret of your app; a public client has none'),
    accessToken: secret().describe('Access token, which calls are made with'),
    refreshToken: secret().optional().describe('Refresh token, with which the next access token is got'),
    expiresAt: z.iso.datetime({ offset: true }).optional().describe('Until when the access token is good'),
  });
}

/** Whether fields are those of `oauth2Fields` with which a next token can be got, and until when the present one is good. */
export function refreshableOf(fields: unknown): { expiresAtMs: number | undefined } | undefined {
  const known = refreshable.safeParse(fields);
  if (!known.success) return undefined;
  const { expiresAt } = known.data;
  return { expiresAtMs: expiresAt === undefined ? undefined : Date.parse(expiresAt) };
}

const refreshable = z.object({
  type: z.literal('oauth2'),
  refreshToken: z.string().min(1),
  expiresAt: z.string().optional(),
});
