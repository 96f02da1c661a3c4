import { isNewer, snowflake } from './snowflake.js';
import type { XUser } from './users.js';

export interface Tweet {
  id: string;
  author: XUser;
  text: string;
  createdAt: string;
  inReplyTo: string | undefined;
  mediaIds: readonly string[];
}

export interface NewTweet {
  text: string;
  inReplyTo?: string | undefined;
  mediaIds?: readonly string[];
}

/** How many of an author's latest tweets a new one may not repeat. */
const duplicateWindow = 20;

/** The tweets in memory, in the order in which they were posted. All are kept until the process ends or forgets. */
export class Tweets {
  private readonly byId = new Map<string, Tweet>();

  get count(): number {
    return this.byId.size;
  }

  /** Whether the author has lately said just this, to the same tweet or to none. */
  isDuplicate(author: XUser, { text, inReplyTo, mediaIds = [] }: NewTweet): boolean {
    if (mediaIds.length > 0) return false;
    return this.latest((tweet) => tweet.author === author)
      .slice(0, duplicateWindow)
      .some((tweet) => tweet.text === text && tweet.inReplyTo === inReplyTo && tweet.mediaIds.length === 0);
  }

  add(author: XUser, { text, inReplyTo, mediaIds = [] }: NewTweet): Tweet {
    const tweet = { id: snowflake(), author, text, createdAt: new Date().toISOString(), inReplyTo, mediaIds };
    this.byId.set(tweet.id, tweet);
    return tweet;
  }

  find(id: string): Tweet | undefined {
    return this.byId.get(id);
  }

  remove(id: string): void {
    this.byId.delete(id);
  }

  clear(): void {
    this.byId.clear();
  }

  /** The newest first. */
  latest(matches: (tweet: Tweet) => boolean = () => true): Tweet[] {
    return [...this.byId.values()].toReversed().filter(matches);
  }
}

/** Whether the tweet names the user: `@name`, in any case, not as a part of a longer word. */
export function mentions(tweet: Tweet, user: XUser): boolean {
  return new RegExp(`(?<![\\w@])@${user.username}(?!\\w)`, 'i').test(tweet.text);
}

export interface PageQuery {
  max_results?: string | undefined;
  since_id?: string | undefined;
  until_id?: string | undefined;
  /** What the answer before gave as `next_token`. */
  token?: string | undefined;
}

export interface TweetPage {
  tweets: Tweet[];
  meta: Record<string, unknown>;
}

/** One page of tweets that are sorted, the newest first. The token of the next one is the id of the last tweet here. */
export function pageOf(all: readonly Tweet[], query: PageQuery, defaultSize: number): TweetPage {
  const { since_id: since, until_id: until, token } = query;
  const matching = all.filter(
    ({ id }) =>
      (since === undefined || isNewer(id, since)) &&
      (until === undefined || isNewer(until, id)) &&
      (token === undefined || isNewer(token, id)),
  );
  const tweets = matching.slice(0, Number(query.max_results ?? defaultSize));
  const [newest, oldest] = [tweets[0], tweets.at(-1)];
  return {
    tweets,
    meta: {
      result_count: tweets.length,
      ...(newest && oldest ? { newest_id: newest.id, oldest_id: oldest.id } : {}),
      ...(oldest && matching.length > tweets.length ? { next_token: oldest.id } : {}),
    },
  };
}
