import { secret } from '@millrace/component-sdk';
import { z } from 'zod';

const oauth1 = z.strictObject({
  type: z.literal('oauth1').describe('OAuth 1.0a: the keys of your app and of your account, from the developer portal'),
  consumerKey: secret().describe('API key of the app'),
  consumerSecret: secret().describe('API key secret of the app'),
  accessToken: secret().describe('Access token of the account, with read and write permission'),
  accessTokenSecret: secret().describe('Access token secret of the account'),
});

const oauth2 = z.strictObject({
  type: z.literal('oauth2').describe('OAuth 2.0: a token that the account gave to your app'),
  clientId: z.string().min(1).describe('Client id of the app'),
  clientSecret: secret().optional().describe('Client secret of the app; a public client has none'),
  accessToken: secret().describe('Access token with the scopes tweet.read, tweet.write, users.read and media.write'),
  refreshToken: secret().optional().describe('Refresh token, with the scope offline.access'),
  expiresAt: z.iso.datetime({ offset: true }).optional().describe('Until when the access token is good'),
});

/** How the component acts for an account of X. */
export const credential = z.discriminatedUnion('type', [oauth1, oauth2]);

export type TwitterCredential = z.output<typeof credential>;
