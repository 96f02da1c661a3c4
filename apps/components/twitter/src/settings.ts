import { z } from 'zod';

/** Where X itself is. */
export const xBaseUrl = 'https://api.x.com';

export const settings = z.object({
  TWITTER_BASE_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
    .transform((url) => url.replace(/\/+$/, ''))
    .default(xBaseUrl)
    .describe('address of the X API, uploads included; another one for a stand-in, such as http://127.0.0.1:3002'),
  TWITTER_AUTHORIZE_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
    .optional()
    .describe(
      'page on which people let an app act for them; that of X, or of the stand-in at TWITTER_BASE_URL, when missing',
    ),
});

export type TwitterSettings = z.output<typeof settings>;
