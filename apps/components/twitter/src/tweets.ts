import type { ApiV2Includes, TweetV2 } from 'twitter-api-v2';
import { z } from 'zod';

/** Texts, for they exceed what a JavaScript number can hold. */
export const tweetId = z.string().regex(/^\d{1,19}$/, 'must be the number of a tweet, as a text of digits');

export const userSchema = z.object({
  id: z.string().describe('Number of the user'),
  username: z.string().describe('Name of the user without @'),
  name: z.string().describe('Name as it is shown'),
});

/** A tweet as the operations give it out. */
export const tweetSchema = z.object({
  id: z.string().describe('Number of the tweet'),
  text: z.string().describe('Text of the tweet'),
  createdAt: z.string().nullable().describe('When it was posted'),
  author: userSchema.nullable().describe('Who posted it'),
  inReplyTo: z.string().nullable().describe('Number of the tweet that it answers'),
  url: z.string().describe('Address of the tweet'),
});

export type TweetOutput = z.output<typeof tweetSchema>;

/** What to ask for, so that a tweet can be given out whole. */
export const tweetQuery = {
  'tweet.fields': 'author_id,created_at,referenced_tweets',
  expansions: 'author_id',
} as const;

/** A tweet of X, with the author that came along, as it is given out. */
export function tweetOutput(tweet: TweetV2, includes: ApiV2Includes | undefined): TweetOutput {
  const author = includes?.users?.find(({ id }) => id === tweet.author_id);
  return {
    id: tweet.id,
    text: tweet.text,
    createdAt: tweet.created_at ?? null,
    author: author ? { id: author.id, username: author.username, name: author.name } : null,
    inReplyTo: tweet.referenced_tweets?.find(({ type }) => type === 'replied_to')?.id ?? null,
    url: tweetUrl(tweet.id),
  };
}

/** X leads from it to the tweet, whoever wrote it. */
export function tweetUrl(id: string): string {
  return `https://x.com/i/web/status/${id}`;
}
