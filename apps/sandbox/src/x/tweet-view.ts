import type { Tweet, TweetPage } from './tweets.js';
import { userView } from './users.js';

/** What a caller wants to see besides the fields that always come. */
export interface ViewQuery {
  'tweet.fields'?: string | undefined;
  'user.fields'?: string | undefined;
  expansions?: string | undefined;
}

export function namesIn(list: string | undefined): ReadonlySet<string> {
  return new Set((list ?? '').split(',').filter((name) => name !== ''));
}

/** A tweet as the API shows it. */
export function tweetView(tweet: Tweet, fields: ReadonlySet<string>): Record<string, unknown> {
  return {
    id: tweet.id,
    text: tweet.text,
    edit_history_tweet_ids: [tweet.id],
    ...(fields.has('author_id') ? { author_id: tweet.author.id } : {}),
    ...(fields.has('created_at') ? { created_at: tweet.createdAt } : {}),
    ...(fields.has('referenced_tweets') && tweet.inReplyTo !== undefined
      ? { referenced_tweets: [{ type: 'replied_to', id: tweet.inReplyTo }] }
      : {}),
    ...(fields.has('attachments') && tweet.mediaIds.length > 0
      ? { attachments: { media_keys: tweet.mediaIds.map((id) => `3_${id}`) } }
      : {}),
  };
}

/** A page of tweets as the API shows it; without `data` when there are none. */
export function pageView({ tweets, meta }: TweetPage, query: ViewQuery): Record<string, unknown> {
  const expansions = namesIn(query.expansions);
  const fields = new Set(namesIn(query['tweet.fields']));
  // Who wants the author expanded gets its id too.
  if (expansions.has('author_id')) fields.add('author_id');
  const authors = new Set(tweets.map(({ author }) => author));
  const userFields = namesIn(query['user.fields']);
  return {
    ...(tweets.length > 0 ? { data: tweets.map((tweet) => tweetView(tweet, fields)) } : {}),
    ...(tweets.length > 0 && expansions.has('author_id')
      ? { includes: { users: [...authors].map((author) => userView(author, userFields)) } }
      : {}),
    meta,
  };
}
