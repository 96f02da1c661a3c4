import { trigger } from '@millrace/component-sdk';
import type { TwitterApiv2 } from 'twitter-api-v2';
import { z } from 'zod';
import { credential, type TwitterCredential } from './credential.js';
import { settings } from './settings.js';
import { tweetOutput, tweetQuery, tweetSchema, type TweetOutput } from './tweets.js';
import { xClient } from './x-client.js';

/** X keeps the last 800 mentions, 100 in one answer. */
const mostPerPage = 100;
const maxPages = 8;

export const newMentions = trigger.polling({
  title: 'New mentions',
  description: 'Emits each tweet once that mentions the account of the credential, from its first look on.',
  credential,
  settings,
  output: tweetSchema,
  /** `null` when there were none yet. */
  snapshot: z.object({ lastId: z.string().nullable() }),
  async *run({ snapshot, saveSnapshot, ...access }) {
    const client = await xClient(access);
    const userId = await ownId(client, access.credential);
    if (!snapshot) {
      // An answer to what was said years ago would surprise everybody.
      const { newestId } = await mentionsSince(client, userId, { since: undefined, pages: 1 });
      saveSnapshot({ lastId: newestId ?? null });
      return;
    }
    const { tweets, newestId } = await mentionsSince(client, userId, {
      since: snapshot.lastId ?? undefined,
      pages: maxPages,
    });
    yield* tweets.toReversed();
    if (newestId !== undefined) saveSnapshot({ lastId: newestId });
  },
});

/** The newest first, as X gives them. */
async function mentionsSince(
  client: TwitterApiv2,
  userId: string,
  { since, pages }: { since: string | undefined; pages: number },
): Promise<{ tweets: TweetOutput[]; newestId: string | undefined }> {
  const tweets: TweetOutput[] = [];
  let token: string | undefined;
  for (let page = 0; page < pages; page += 1) {
    const answer = await client.userMentionTimeline(userId, {
      ...tweetQuery,
      max_results: mostPerPage,
      ...(since === undefined ? {} : { since_id: since }),
      ...(token === undefined ? {} : { pagination_token: token }),
    });
    tweets.push(...answer.tweets.map((tweet) => tweetOutput(tweet, answer.data.includes)));
    token = answer.meta.next_token;
    if (token === undefined) break;
  }
  return { tweets, newestId: tweets[0]?.id };
}

/** Asked once for each credential: the runtime opens it to the same object again, and the limit for asking is low. */
const knownIds = new WeakMap<TwitterCredential, string>();

async function ownId(client: TwitterApiv2, of: TwitterCredential): Promise<string> {
  const known = knownIds.get(of);
  if (known !== undefined) return known;
  const { data } = await client.me();
  knownIds.set(of, data.id);
  return data.id;
}
