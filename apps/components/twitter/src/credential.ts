import { oauth2Fields, secret } from '@millrace/component-sdk';
import { z } from 'zod';

const oauth1 = z.strictObject({
  type: z.literal('oauth1').describe('OAuth 1.0a: the keys of your app and of your account, from the developer portal'),
  consumerKey: secret().describe('API key of the app'),
  consumerSecret: secret().describe('API key secret of the app'),
  accessToken: secret().describe('Access token of the account, with read and write permission'),
  accessTokenSecret: secret().describe('Access token secret of the account'),
});

const oauth2 = oauth2Fields('OAuth 2.0: a token that the account gave to your app');

/** How the component acts for an account of X. */
export const credential = z.discriminatedUnion('type', [oauth1, oauth2]);

export type TwitterCredential = z.output<typeof credential>;
