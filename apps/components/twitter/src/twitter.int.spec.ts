import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTestHost, type TestHost } from '@millrace/component-runtime';
import type { Json, JsonObject } from '@millrace/component-sdk';
import { eventually, useVhost } from '@millrace/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { processOf, type RunningProcess } from '../test/process.fixture.js';
import { twitter } from './twitter.js';

const vhost = useVhost();
let sandbox: RunningProcess;
let baseUrl: string;
let host: TestHost;

beforeAll(async () => {
  sandbox = await processOf('sandbox', { PORT: '0' }, 'url');
  baseUrl = sandbox.field;
  host = createTestHost(twitter, { env: { TWITTER_BASE_URL: baseUrl } });
});
afterAll(async () => {
  await host.close();
  expect(await sandbox.stop()).toBe(0);
});
beforeEach(() => control('DELETE', '/'));

async function control(method: string, path: string, body?: object): Promise<unknown> {
  const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const answer = await fetch(`${baseUrl}/sandbox/x${path}`, { method, ...(body ? json : {}) });
  const text = await answer.text();
  return text === '' ? undefined : JSON.parse(text);
}

/** The demo keys of `apps/sandbox/README.md`. */
const oauth1 = {
  type: 'oauth1',
  consumerKey: 'sandbox-consumer-key',
  consumerSecret: 'sandbox-consumer-secret',
  accessToken: '783214001-sandbox-access-token',
  accessTokenSecret: 'sandbox-access-secret-of-millrace',
};

async function oauth2(grant: object = {}): Promise<JsonObject> {
  const tokens = (await control('POST', '/oauth2/tokens', { username: 'gromit', ...grant })) as Record<string, string>;
  return {
    type: 'oauth2',
    clientId: 'sandbox-client',
    clientSecret: 'sandbox-client-secret',
    accessToken: tokens['access_token'] ?? '',
    ...(tokens['refresh_token'] === undefined ? {} : { refreshToken: tokens['refresh_token'] }),
  };
}

const noFile = { id: '01970000-0000-7000-8000-000000000000', url: 'http://127.0.0.1:1/' };

type Step = { credential?: JsonObject; snapshot?: Json; timeoutMs?: number; on?: TestHost };

async function run(operation: string, input: JsonObject, { on = host, ...step }: Step = {}) {
  return (await on.run(operation, { input, credential: oauth1, ...step })).outcome;
}

async function outputOf(operation: string, input: JsonObject, step: Step = {}): Promise<Record<string, unknown>> {
  const outcome = await run(operation, input, step);
  if (outcome.kind !== 'succeeded') throw new Error(JSON.stringify(outcome));
  return outcome.outputs[0] as Record<string, unknown>;
}

interface ShownTweet {
  id: string;
  username: string;
  text: string;
  inReplyTo: string | null;
  media: { mediaType: string; bytes: number; id: string }[];
}

async function timeline(): Promise<ShownTweet[]> {
  return ((await control('GET', '/tweets')) as { tweets: ShownTweet[] }).tweets;
}

describe('Post a tweet', () => {
  it('posts with the keys of OAuth 1.0a and with a token of OAuth 2.0, and answers tweets', async () => {
    const first = await outputOf('postTweet', { text: "It's the wrong trousers! ü & 100 % (*)" });
    expect(first).toEqual({
      id: expect.stringMatching(/^\d{18,19}$/) as string,
      text: "It's the wrong trousers! ü & 100 % (*)",
      url: `https://x.com/i/web/status/${String(first['id'])}`,
    });
    await outputOf(
      'postTweet',
      { text: 'And gone wrong', replyTo: first['id'] as string },
      { credential: await oauth2() },
    );
    expect(await timeline()).toMatchObject([
      { username: 'gromit', text: 'And gone wrong', inReplyTo: first['id'] },
      { username: 'millrace', text: "It's the wrong trousers! ü & 100 % (*)" },
    ]);
  });

  it('says how long a text is that is too long, and asks X for nothing', async () => {
    await control('PUT', '/faults', { endpoint: 'POST /2/tweets', status: 500, times: 1 });
    const text = `${'語'.repeat(130)} https://example.com/${'x'.repeat(300)}`;
    expect(await run('postTweet', { text })).toEqual({
      kind: 'failed',
      error: {
        code: 'tweet_too_long',
        message: 'The tweet has 284 weighted characters, and X takes 280: shorten the text by 4',
        detail: { length: 284, maxLength: 280 },
      },
      retry: { kind: 'never' },
    });
    expect(await run('postTweet', { text: '👩‍👩‍👧‍👦'.repeat(140) })).toMatchObject({ error: { detail: { status: 500 } } });
    expect((await outputOf('postTweet', { text: '👩‍👩‍👧‍👦'.repeat(140) }))['id']).toBeDefined();
  });

  it('fails for good when the account has said it already', async () => {
    await outputOf('postTweet', { text: 'Cheese' });
    expect(await run('postTweet', { text: 'Cheese' })).toMatchObject({
      error: {
        code: 'duplicate_tweet',
        message: expect.stringContaining('You are not allowed to create a Tweet with duplicate content.') as string,
      },
      retry: { kind: 'never' },
    });
  });

  it('comes back when the window of a rate limit is over', async () => {
    await control('PUT', '/limits', { endpoint: 'POST /2/tweets', limit: 1, windowSeconds: 60 });
    await outputOf('postTweet', { text: 'one' });
    const outcome = await run('postTweet', { text: 'two' });
    expect(outcome).toMatchObject({
      error: {
        code: 'rate_limited',
        message: expect.stringMatching(/POST \/2\/tweets .*limit 1.*: Too Many Requests/) as string,
      },
      retry: { kind: 'after' },
    });
    const { afterMs } = (outcome as { retry: { afterMs: number } }).retry;
    expect(afterMs).toBeGreaterThan(55_000);
    expect(afterMs).toBeLessThanOrEqual(62_000);
  });

  it('leaves X that fails or is away to the retry policy', async () => {
    await control('PUT', '/faults', { endpoint: 'POST /2/tweets', status: 503, times: 1 });
    expect(await run('postTweet', { text: 'later' })).toMatchObject({
      error: { code: 'peer_unavailable', message: `POST ${baseUrl}/2/tweets answered 503: Service Unavailable` },
      retry: { kind: 'policy' },
    });
    const away = createTestHost(twitter, { env: { TWITTER_BASE_URL: 'http://127.0.0.1:1' } });
    expect(await run('postTweet', { text: 'later' }, { on: away })).toMatchObject({
      error: { code: 'peer_unavailable', message: expect.stringContaining('ECONNREFUSED') as string },
      retry: { kind: 'policy' },
    });
    await away.close();
  });

  it('ends its call with the step', async () => {
    let ended = false;
    const silent = await serve((request) => request.on('close', () => (ended = true)));
    const waiting = createTestHost(twitter, { env: { TWITTER_BASE_URL: silent.url } });
    const outcome = await run('postTweet', { text: 'x' }, { on: waiting, timeoutMs: 100 });
    expect(outcome).toMatchObject({ error: { code: 'timeout' } });
    await eventually(() => expect(ended).toBe(true));
    await waiting.close();
    silent.close();
  });

  it('works where the base address has a path', async () => {
    const proxy = await serve((request, response) => {
      response
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify({ data: { id: '1', text: request.url } }));
    });
    const behind = createTestHost(twitter, { env: { TWITTER_BASE_URL: `${proxy.url}/x/` } });
    expect(await outputOf('postTweet', { text: 'x' }, { on: behind })).toMatchObject({ text: '/x/2/tweets' });
    await behind.close();
    proxy.close();
  });

  it.each([
    [{ text: ' ' }, 'tweet_empty'],
    [{}, 'tweet_empty'],
    [{ text: 'x', replyTo: 'yesterday' }, 'invalid_input'],
    [{ text: 'x', replyTo: '1' }, 'forbidden'],
    [{ text: 'x', media: { ...noFile, name: 'a.html', contentType: 'text/html', size: 1 } }, 'media_refused'],
    [{ text: 'x', media: { ...noFile, name: 'a.png', contentType: 'image/png', size: 6_000_000 } }, 'media_refused'],
  ])('refuses %j', async (input: JsonObject, code) => {
    expect(await run('postTweet', input)).toMatchObject({ error: { code }, retry: { kind: 'never' } });
  });

  it('brings files with it, as they are', async () => {
    const image = Buffer.from(Array.from({ length: 2_500_000 }, (_, at) => (at * 7) % 256));
    const file = (contentType: string) => ({ ...host.files.put({ name: 'p', contentType }, image) });
    await outputOf('postTweet', { text: 'Two', media: [file('image/png'), file('image/jpeg; q=1')] });
    await outputOf('postTweet', { media: file('video/mp4') }, { timeoutMs: 15_000 });
    const [video, images] = await timeline();
    expect(video?.media).toMatchObject([{ mediaType: 'video/mp4', bytes: image.length }]);
    expect(images?.media).toMatchObject([{ mediaType: 'image/png' }, { mediaType: 'image/jpeg' }]);
    const sent = await fetch(`${baseUrl}/sandbox/x/media/${images?.media[0]?.id}`);
    expect(image.equals(Buffer.from(await sent.arrayBuffer()))).toBe(true);
    expect(await run('postTweet', { media: [file('image/png'), file('image/gif')] })).toMatchObject({
      error: { code: 'media_refused' },
    });
  });
});

describe('Delete a tweet', () => {
  it('deletes own tweets, and is content when one is gone', async () => {
    const { id } = await outputOf('postTweet', { text: 'Oh no' });
    const input = { id: id as string };
    expect(await run('deleteTweet', input, { credential: await oauth2() })).toMatchObject({
      error: { code: 'forbidden' },
    });
    expect(await outputOf('deleteTweet', input)).toEqual({ id, deleted: true });
    expect(await outputOf('deleteTweet', input)).toEqual({ id, deleted: false });
  });
});

describe('Look up a user', () => {
  it('finds users by name and number', async () => {
    const gromit = { id: '783214002', username: 'gromit', name: 'Gromit', description: 'Knits, and says little' };
    expect(await outputOf('findUser', { username: '@Gromit' })).toMatchObject(gromit);
    expect(await outputOf('findUser', { id: '783214002', username: null })).toMatchObject(gromit);
  });

  it('tells whom X does not know, and what to give', async () => {
    expect(await run('findUser', { username: 'shaun' })).toMatchObject({
      error: { code: 'not_found', message: 'X did not find the user: Could not find user with username: [shaun].' },
    });
    expect(await run('findUser', {})).toMatchObject({ error: { code: 'invalid_input' } });
    expect(await run('findUser', { username: 'a', id: '1' })).toMatchObject({ error: { code: 'invalid_input' } });
  });
});

describe('Search recent tweets', () => {
  it('finds tweets page by page, as many as are wanted', async () => {
    for (let at = 0; at < 25; at += 1)
      await control('POST', '/tweets', { username: 'wallace', text: `Invention ${at}` });
    const all = await outputOf('searchRecent', { query: 'invention from:wallace', limit: 23 });
    const tweets = all['tweets'] as { text: string }[];
    expect(tweets.map(({ text }) => text)).toEqual(Array.from({ length: 23 }, (_, at) => `Invention ${24 - at}`));
    expect(tweets[0]).toMatchObject({ author: { username: 'wallace' }, inReplyTo: null });
    expect(await outputOf('searchRecent', { query: 'invention', limit: 3 })).toMatchObject({ count: 3 });
    expect(await outputOf('searchRecent', { query: 'nothing' })).toEqual({ tweets: [], count: 0 });
  });

  it("fails with X's own words when it cannot read the query", async () => {
    expect(await run('searchRecent', { query: 'a OR b' })).toMatchObject({
      error: { code: 'peer_refused', message: expect.stringContaining("does not know 'OR'") as string },
      retry: { kind: 'never' },
    });
  });
});

describe('New mentions', () => {
  const say = (text: string) => control('POST', '/tweets', { username: 'wallace', text });

  async function poll(snapshot: Json = null) {
    const outcome = await run('newMentions', { scheduledAt: '2026-01-01T00:00:00.000Z' }, { snapshot });
    if (outcome.kind !== 'succeeded') throw new Error(JSON.stringify(outcome));
    return {
      texts: outcome.outputs.map((tweet) => (tweet as { text: string }).text),
      snapshot: outcome.snapshot ?? null,
    };
  }

  it('emits what is said after the first look, once and in its order', async () => {
    await say('@millrace of old');
    const first = await poll();
    expect(first.texts).toEqual([]);
    expect(await poll(first.snapshot)).toEqual({ texts: [], snapshot: null });
    const texts = Array.from({ length: 130 }, (_, at) => `@millrace ${at}`);
    for (const text of texts) await say(text);
    const second = await poll(first.snapshot);
    expect(second.texts).toEqual(texts);
    expect((await poll(second.snapshot)).texts).toEqual([]);
  });

  it('emits all that comes where there was none at first', async () => {
    const first = await poll();
    expect(first.snapshot).toEqual({ lastId: null });
    await say('hello @millrace');
    expect((await poll(first.snapshot)).texts).toEqual(['hello @millrace']);
  });
});

describe('the credential', () => {
  it('is checked by asking X who it is', async () => {
    expect(await host.verify(oauth1)).toEqual({ ok: true, value: null });
    expect(await host.verify(await oauth2())).toEqual({ ok: true, value: null });
  });

  it.each([
    ['consumerKey', 'X refused the credential: Could not authenticate you.'],
    ['consumerSecret', 'X refused the credential: Could not authenticate you.'],
    ['accessToken', 'X refused the credential: Invalid or expired token.'],
    ['accessTokenSecret', 'X refused the credential: Could not authenticate you.'],
  ])("is refused in X's own words when its %s is wrong, and is not shown", async (field, message) => {
    const answer = await host.verify({ ...oauth1, [field]: 'wrong-and-secret' });
    expect(answer).toMatchObject({ ok: false, error: { code: 'credential_refused', message } });
  });

  it('tells that a token of OAuth 2.0 is over or lacks a scope', async () => {
    expect(await host.verify(await oauth2({ lifeSeconds: 0 }))).toMatchObject({
      ok: false,
      error: { code: 'credential_refused', message: 'X refused the credential: Unauthorized' },
    });
    const credential = await oauth2({ scopes: ['tweet.read', 'users.read'] });
    expect(await run('postTweet', { text: 'x' }, { credential })).toMatchObject({
      error: { code: 'forbidden', message: expect.stringContaining('lacks the scope tweet.write') as string },
    });
  });

  it('must be of one of the two types', async () => {
    expect(await host.verify({ type: 'oauth1' })).toMatchObject({ error: { code: 'credential_invalid' } });
    expect(await host.verify({ type: 'basic' })).toMatchObject({ error: { code: 'credential_invalid' } });
  });
});

describe('the process', () => {
  it('becomes ready and ends with 0 on SIGTERM', async () => {
    const env = {
      AMQP_URL: vhost.amqpUrl,
      CREDENTIAL_KEY: Buffer.alloc(32, 1).toString('base64'),
      HEALTH_PORT: '0',
      TWITTER_BASE_URL: baseUrl,
    };
    const component = await processOf('components/twitter', env, 'healthPort');
    const ready = `http://127.0.0.1:${component.field}/health/ready`;
    await eventually(async () => expect((await fetch(ready)).status).toBe(200), { timeoutMs: 10_000 });
    expect(await component.stop()).toBe(0);
  });
});

async function serve(listener: Parameters<typeof createServer>[1]): Promise<{ url: string; close: () => Server }> {
  const server = createServer(listener as never);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}
