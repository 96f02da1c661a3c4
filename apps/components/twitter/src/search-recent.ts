import { action } from '@millrace/component-sdk';
import { z } from 'zod';
import { credential } from './credential.js';
import { settings } from './settings.js';
import { tweetOutput, tweetQuery, tweetSchema, type TweetOutput } from './tweets.js';
import { xClient } from './x-client.js';

/** What X gives in one answer. */
const leastPerPage = 10;
const mostPerPage = 100;

export const searchRecent = action({
  title: 'Search recent tweets',
  description: 'Finds tweets of the last seven days, the newest first.',
  credential,
  settings,
  input: z.object({
    query: z
      .string()
      .min(1)
      .max(512)
      .describe('What to find, in the search language of X, such as from:millrace #news'),
    limit: z.int().min(1).max(500).default(10).describe('How many tweets at most, 1 to 500'),
  }),
  output: z.object({
    tweets: z.array(tweetSchema).describe('The tweets that were found'),
    count: z.int().describe('How many they are'),
  }),
  idempotency: 'natural',
  run: async ({ input: { query, limit }, ...access }) => {
    const client = await xClient(access);
    const tweets: TweetOutput[] = [];
    let token: string | undefined;
    do {
      const pageSize = Math.min(Math.max(limit - tweets.length, leastPerPage), mostPerPage);
      const page = await client.search(query, {
        ...tweetQuery,
        max_results: pageSize,
        ...(token === undefined ? {} : { next_token: token }),
      });
      tweets.push(...page.tweets.map((tweet) => tweetOutput(tweet, page.data.includes)));
      token = page.meta.next_token;
    } while (token !== undefined && tweets.length < limit);
    const found = tweets.slice(0, limit);
    return { tweets: found, count: found.length };
  },
});
