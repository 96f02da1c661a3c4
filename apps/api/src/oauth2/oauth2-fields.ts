import type { JsonObject } from '@millrace/contracts';
import { z } from 'zod';
import type { GrantedTokens, OAuth2Client } from './token-endpoint.js';

const client = z.object({ clientId: z.string().min(1), clientSecret: z.string().min(1).optional() });
const refreshable = client.extend({ type: z.literal('oauth2'), refreshToken: z.string().min(1) });

/** The client in the fields of a credential of type `oauth2`; `undefined` when there is none. */
export function clientIn(fields: JsonObject): OAuth2Client | undefined {
  return client.safeParse(fields).data;
}

/** What a next token is got with; `undefined` where nothing can be refreshed. */
export function refreshableIn(fields: JsonObject): (OAuth2Client & { refreshToken: string }) | undefined {
  return refreshable.safeParse(fields).data;
}

/** The fields of a credential with new tokens; a refresh token that was not replaced stays. */
export function fieldsWith(
  { clientId, clientSecret }: OAuth2Client,
  tokens: GrantedTokens,
  formerRefreshToken?: string,
): JsonObject {
  const refreshToken = tokens.refreshToken ?? formerRefreshToken;
  return {
    type: 'oauth2',
    clientId,
    ...(clientSecret === undefined ? {} : { clientSecret }),
    accessToken: tokens.accessToken,
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(tokens.expiresAt === undefined ? {} : { expiresAt: tokens.expiresAt }),
  };
}

/** Whether the tokens in the fields of a credential of type `oauth2` are over, and others can be got. */
export function isOver(fields: JsonObject, now = Date.now()): boolean {
  const { expiresAt } = fields;
  return refreshableIn(fields) !== undefined && typeof expiresAt === 'string' && Date.parse(expiresAt) <= now;
}
