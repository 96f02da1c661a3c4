import { z } from 'zod';

export const settings = z.object({
  TWITTER_BASE_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
    .transform((url) => url.replace(/\/+$/, ''))
    .default('https://api.x.com')
    .describe('address of the X API, uploads included; another one for a stand-in, such as http://127.0.0.1:3002'),
});

export type TwitterSettings = z.output<typeof settings>;
