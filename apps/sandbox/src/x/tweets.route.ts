import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { guardedRoute, type XAnswer, type XCall } from './guarded-route.js';
import { invalidRequest, notFoundError, problem, type Refusal } from './problems.js';
import { parseSearch } from './search-query.js';
import { maxTweetLength, tweetLength } from './tweet-text.js';
import { namesIn, pageView } from './tweet-view.js';
import { mentions, pageOf, type PageQuery } from './tweets.js';
import { userNamed, userView, userWithId, type XUser } from './users.js';
import type { XWorld } from './world.js';

const newTweet = z.object({
  text: z.string().optional(),
  reply: z.object({ in_reply_to_tweet_id: z.string() }).optional(),
  media: z.object({ media_ids: z.array(z.string()).min(1).max(4) }).optional(),
});

/** Tweets and users of the X API v2. */
export function tweetRoutes(world: XWorld): (fastify: FastifyInstance) => Promise<void> {
  const { tweets } = world;
  return async (fastify) => {
    guardedRoute(fastify, world, {
      method: 'POST',
      url: '/2/tweets',
      scopes: ['tweet.read', 'tweet.write', 'users.read'],
      handle: (call) => postTweet(world, call),
    });

    guardedRoute(fastify, world, {
      method: 'DELETE',
      url: '/2/tweets/:id',
      scopes: ['tweet.read', 'tweet.write', 'users.read'],
      handle: ({ user, params: { id = '' } }) => {
        const tweet = tweets.find(id);
        if (!tweet) return problem(404, 'Not Found Error', `Could not find tweet with id: [${id}].`);
        if (tweet.author !== user) return problem(403, 'Forbidden', 'You are not authorized to delete this Tweet.');
        tweets.remove(id);
        return { body: { data: { deleted: true } } };
      },
    });

    guardedRoute(fastify, world, {
      method: 'GET',
      url: '/2/tweets/search/recent',
      scopes: ['tweet.read', 'users.read'],
      handle: ({ query }) => {
        const { query: sought = '' } = query;
        if (sought.length < 1 || sought.length > 512) {
          return invalidRequest('query', sought, 'The `query` query parameter must have 1 to 512 characters.');
        }
        const search = parseSearch(sought);
        if (!search.ok) return invalidRequest('query', sought, search.reason);
        return pageAnswer(tweets.latest(search.fits), query, { least: 10, usual: 10, token: 'next_token' });
      },
    });

    guardedRoute(fastify, world, {
      method: 'GET',
      url: '/2/users/:id/mentions',
      scopes: ['tweet.read', 'users.read'],
      handle: ({ query, params: { id = '' } }) => {
        const user = userWithId(id);
        if (!user) return { body: { errors: [notFoundError('user', 'id', id)] } };
        const all = tweets.latest((tweet) => mentions(tweet, user));
        return pageAnswer(all, query, { least: 5, usual: 10, token: 'pagination_token' });
      },
    });

    const found = (user: XUser | undefined, { query }: XCall, missing: Record<string, unknown>): XAnswer => ({
      body: user ? { data: userView(user, namesIn(query['user.fields'])) } : { errors: [missing] },
    });
    const scopes = ['tweet.read', 'users.read'] as const;
    guardedRoute(fastify, world, {
      method: 'GET',
      url: '/2/users/me',
      scopes,
      handle: (call) => found(call.user, call, {}),
    });
    guardedRoute(fastify, world, {
      method: 'GET',
      url: '/2/users/by/username/:username',
      scopes,
      handle: (call) => {
        const { username = '' } = call.params;
        if (!/^\w{1,15}$/.test(username)) {
          const message = `The \`username\` query parameter value [${username}] does not match ^[A-Za-z0-9_]{1,15}$`;
          return invalidRequest('username', username, message);
        }
        return found(userNamed(username), call, notFoundError('user', 'username', username));
      },
    });
    guardedRoute(fastify, world, {
      method: 'GET',
      url: '/2/users/:id',
      scopes,
      handle: (call) => {
        const { id = '' } = call.params;
        if (!/^\d{1,19}$/.test(id)) {
          return invalidRequest('id', id, `The \`id\` query parameter value [${id}] is not valid`);
        }
        return found(userWithId(id), call, notFoundError('user', 'id', id));
      },
    });
  };
}

function postTweet(world: XWorld, { user, body }: XCall): XAnswer | Refusal {
  const parsed = newTweet.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue?.path.join('.') ?? '';
    return invalidRequest(place, undefined, `$.${place}: ${issue?.message ?? 'is not valid'}`);
  }
  const { text = '', reply, media } = parsed.data;
  if (text.trim() === '' && !media) {
    return invalidRequest('text', text, 'You must provide text or media to create a Tweet.');
  }
  const length = tweetLength(text);
  if (length > maxTweetLength) {
    return problem(403, 'Forbidden', `Your Tweet text is too long: ${length} of ${maxTweetLength} characters.`);
  }
  const inReplyTo = reply?.in_reply_to_tweet_id;
  if (inReplyTo !== undefined && !world.tweets.find(inReplyTo)) {
    return problem(403, 'Forbidden', 'You attempted to reply to a Tweet that is deleted or not visible to you.');
  }
  const mediaIds = media?.media_ids ?? [];
  const fault = mediaIds.length > 0 ? world.media.faultOf(mediaIds, user) : undefined;
  if (fault !== undefined) return invalidRequest('media.media_ids', mediaIds.join(','), fault);
  const tweet = { text, inReplyTo, mediaIds };
  if (world.tweets.isDuplicate(user, tweet)) {
    return problem(403, 'Forbidden', 'You are not allowed to create a Tweet with duplicate content.');
  }
  const { id } = world.tweets.add(user, tweet);
  return { status: 201, body: { data: { id, text, edit_history_tweet_ids: [id] } } };
}

/** One page, if the query is one that X would take. */
function pageAnswer(
  all: Parameters<typeof pageOf>[0],
  query: XCall['query'],
  bounds: { least: number; usual: number; token: string },
): XAnswer | Refusal {
  const { max_results: size } = query;
  if (size !== undefined && !(/^\d+$/.test(size) && Number(size) >= bounds.least && Number(size) <= 100)) {
    const message = `The \`max_results\` query parameter value [${size}] is not between ${bounds.least} and 100`;
    return invalidRequest('max_results', size, message);
  }
  for (const name of ['since_id', 'until_id', bounds.token]) {
    const id = query[name];
    if (id !== undefined && !/^\d{1,19}$/.test(id)) {
      return invalidRequest(name, id, `The \`${name}\` query parameter value [${id}] is not valid`);
    }
  }
  const wanted: PageQuery = { ...query, token: query[bounds.token] };
  return { body: pageView(pageOf(all, wanted, bounds.usual), query) };
}
