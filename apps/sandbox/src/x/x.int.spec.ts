import { createLogger } from '@millrace/observability';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startSandbox, type RunningSandbox } from '../sandbox.js';
import { percentEncode, sign } from './oauth1.js';
import { challengeOf } from './oauth2.js';
import { demoApp, users, userNamed } from './users.js';

let sandbox: RunningSandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ PORT: '0' }, createLogger({ service: 'spec', level: 'silent' }));
});
afterAll(() => sandbox.close());
beforeEach(() => control('DELETE', '/'));

interface Answer {
  status: number;
  body: Record<string, unknown>;
  headers: Headers;
}

async function send(path: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(`${sandbox.url}${path}`, init);
  const text = await response.text();
  const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
  return { status: response.status, body, headers: response.headers };
}

function control(method: string, path: string, body?: object): Promise<Answer> {
  const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  return send(`/sandbox/x${path}`, { method, ...(body ? json : {}) });
}

let nonce = 0;
/** The header that signs a call as a user, with the demo keys. */
function signed(method: string, path: string, as: string): string {
  const user = userNamed(as)!;
  const { origin, pathname, searchParams } = new URL(path, sandbox.url);
  const oauth = new Map([
    ['oauth_consumer_key', demoApp.consumerKey],
    ['oauth_token', user.accessToken],
    ['oauth_signature_method', 'HMAC-SHA1'],
    ['oauth_timestamp', String(Math.floor(Date.now() / 1000))],
    ['oauth_nonce', `nonce-${(nonce += 1)}`],
  ]);
  const secrets = { consumerSecret: demoApp.consumerSecret, tokenSecret: user.accessSecret };
  oauth.set('oauth_signature', sign({ method, url: origin + pathname, parameters: [...searchParams] }, oauth, secrets));
  return `OAuth ${[...oauth].map(([name, value]) => `${name}="${percentEncode(value)}"`).join(', ')}`;
}

function call(
  method: string,
  path: string,
  { json, as = 'millrace', auth }: { json?: object; as?: string; auth?: string } = {},
) {
  return send(path, {
    method,
    headers: {
      authorization: auth ?? signed(method, path, as),
      ...(json ? { 'content-type': 'application/json' } : {}),
    },
    ...(json ? { body: JSON.stringify(json) } : {}),
  });
}

async function tweet(text: string, more: object = {}): Promise<string> {
  const { status, body } = await call('POST', '/2/tweets', { json: { text, ...more } });
  expect(body).toMatchObject({ data: { text } });
  expect(status).toBe(201);
  return (body['data'] as { id: string }).id;
}

describe('who calls', () => {
  it('is told by the signature, and refused with the problem details of X', async () => {
    expect((await call('GET', '/2/users/me?user.fields=description')).body).toEqual({
      data: { id: users[0]?.id, name: 'Millrace Demo', username: 'millrace', description: users[0]?.description },
    });
    const header = signed('GET', '/2/users/me', 'gromit');
    expect((await call('GET', '/2/users/me', { auth: header })).status).toBe(200);
    for (const auth of [header, header.replace('gromit', 'x'), 'Bearer unknown', '']) {
      const { status, body } = await call('GET', '/2/users/me', { auth });
      expect([status, body['title'], body['status']]).toEqual([401, 'Unauthorized', 401]);
    }
  });

  it('is refused where the signature is for another path or query', async () => {
    const auth = signed('GET', '/2/users/me', 'millrace');
    expect((await call('GET', '/2/users/me?user.fields=verified', { auth })).status).toBe(401);
    expect((await call('GET', '/2/users/783214001', { auth })).status).toBe(401);
  });
});

describe('tweets', () => {
  it('are posted, answered to and deleted by who wrote them', async () => {
    const id = await tweet('Cracking toast');
    expect(BigInt(id)).toBeGreaterThan(BigInt(Number.MAX_SAFE_INTEGER));
    const reply = await tweet('Indeed', { reply: { in_reply_to_tweet_id: id } });
    expect((await call('DELETE', `/2/tweets/${id}`, { as: 'gromit' })).status).toBe(403);
    expect((await call('DELETE', `/2/tweets/${id}`)).body).toEqual({ data: { deleted: true } });
    expect((await call('DELETE', `/2/tweets/${id}`)).status).toBe(404);
    const { body } = await control('GET', '/tweets');
    expect(body).toMatchObject({ tweets: [{ id: reply, inReplyTo: id, username: 'millrace', media: [] }] });
  });

  it('are refused when they say the same again, but for other users and other conversations', async () => {
    const id = await tweet('Cheese, Gromit');
    expect(await call('POST', '/2/tweets', { json: { text: 'Cheese, Gromit' } })).toMatchObject({
      status: 403,
      body: {
        title: 'Forbidden',
        type: 'about:blank',
        status: 403,
        detail: 'You are not allowed to create a Tweet with duplicate content.',
      },
    });
    await tweet('Cheese, Gromit', { reply: { in_reply_to_tweet_id: id } });
    expect((await call('POST', '/2/tweets', { json: { text: 'Cheese, Gromit' }, as: 'wallace' })).status).toBe(201);
  });

  it.each([
    [{}, 400],
    [{ text: ' ' }, 400],
    [{ text: 7 }, 400],
    [{ text: 'x'.repeat(281) }, 403],
    [{ text: '語'.repeat(141) }, 403],
    [{ text: 'to nobody', reply: { in_reply_to_tweet_id: '1' } }, 403],
    [{ text: 'with nothing', media: { media_ids: ['1'] } }, 400],
  ])('are refused when they are %j', async (json, status) => {
    expect((await call('POST', '/2/tweets', { json })).status).toBe(status);
  });

  it('may have 280 weighted characters', async () => {
    await tweet('x'.repeat(280));
    await tweet(`https://example.com/${'long/'.repeat(100)} ${'x'.repeat(256)}`);
    await tweet('👩‍👩‍👧‍👦'.repeat(140));
  });
});

describe('finding', () => {
  it('searches words, phrases, authors and tags, page by page, the newest first', async () => {
    const ids: string[] = [];
    for (let at = 0; at < 12; at += 1) ids.push(await tweet(`Moon trip ${at} #cheese`));
    await tweet('Moonlight');
    const path = '/2/tweets/search/recent?query=moon%20-%22trip%203%22%20from%3Amillrace%20%23cheese';
    const first = await call('GET', `${path}&expansions=author_id`);
    expect((first.body['data'] as { id: string }[]).map(({ id }) => id)).toEqual(
      ids
        .slice(2)
        .toReversed()
        .filter((id) => id !== ids[3])
        .concat(ids[1] ?? ''),
    );
    const { next_token: next } = first.body['meta'] as { next_token: string };
    const second = await call('GET', `${path}&next_token=${next}`);
    expect(second.body).toMatchObject({ data: [{ id: ids[0] }], meta: { result_count: 1 } });
    expect((await call('GET', `${path}&since_id=${ids[11]}`)).body).toEqual({ meta: { result_count: 0 } });
    for (const query of ['query=', 'query=a%20OR%20b', 'query=lang%3Ade', 'query=a&max_results=9']) {
      expect(await call('GET', `/2/tweets/search/recent?${query}`)).toMatchObject({ status: 400 });
    }
  });

  it('lists the tweets that name a user, since an id', async () => {
    const said = [];
    for (const text of ['Hello @Millrace!', '@millracer', 'mail@millrace', 'again @MILLRACE']) {
      said.push((await control('POST', '/tweets', { username: 'gromit', text })).body['id']);
    }
    const path = `/2/users/${users[0]?.id}/mentions`;
    expect((await call('GET', path)).body).toMatchObject({ data: [{ id: said[3] }, { id: said[0] }] });
    const query = '?since_id=' + String(said[0]) + '&tweet.fields=author_id,created_at&max_results=5';
    expect((await call('GET', path + query)).body).toMatchObject({ data: [{ id: said[3], author_id: users[1]?.id }] });
  });

  it('finds users by name and id, and says as X does which one is not there', async () => {
    expect((await call('GET', '/2/users/by/username/GROMIT')).body).toMatchObject({ data: { username: 'gromit' } });
    expect((await call('GET', '/2/users/783214003')).body).toMatchObject({ data: { username: 'wallace' } });
    const { status, body } = await call('GET', '/2/users/by/username/shaun');
    expect([status, body]).toMatchObject([
      200,
      { errors: [{ detail: 'Could not find user with username: [shaun].' }] },
    ]);
    expect((await call('GET', '/2/users/by/username/not-a-name')).status).toBe(400);
  });
});

describe('limits', () => {
  it('are counted for each user and endpoint, and told in headers', async () => {
    await control('PUT', '/limits', { endpoint: 'GET /2/users/me', limit: 2, windowSeconds: 1 });
    expect((await call('GET', '/2/users/me')).headers.get('x-rate-limit-remaining')).toBe('1');
    await call('GET', '/2/users/me');
    const { status, body, headers } = await call('GET', '/2/users/me');
    expect([status, body['title']]).toEqual([429, 'Too Many Requests']);
    expect([headers.get('x-rate-limit-limit'), headers.get('x-rate-limit-remaining')]).toEqual(['2', '0']);
    expect((await call('GET', '/2/users/me', { as: 'gromit' })).status).toBe(200);
    const resetsAt = Number(headers.get('x-rate-limit-reset')) * 1000;
    expect(resetsAt - Date.now()).toBeLessThan(2_000);
    await new Promise((resolve) => setTimeout(resolve, resetsAt - Date.now() + 20));
    expect((await call('GET', '/2/users/me')).status).toBe(200);
  });

  it('fails an endpoint as often as it was told to', async () => {
    await control('PUT', '/faults', { endpoint: 'POST /2/tweets', status: 503, times: 1 });
    expect((await call('POST', '/2/tweets', { json: { text: 'later' } })).status).toBe(503);
    await tweet('later');
  });
});

describe('media', () => {
  const begin = (json: object) => call('POST', '/2/media/upload/initialize', { json });
  async function append(id: string, segment: number, bytes: string) {
    const form = new FormData();
    form.set('segment_index', String(segment));
    form.set('media', new Blob([bytes]), 'part');
    const path = `/2/media/upload/${id}/append`;
    return send(path, { method: 'POST', headers: { authorization: signed('POST', path, 'millrace') }, body: form });
  }

  it('come in parts, and are shown with the tweet', async () => {
    const { body } = await begin({ media_type: 'image/png', media_category: 'tweet_image', total_bytes: 7 });
    const { id } = body['data'] as { id: string };
    await append(id, 1, 'Png');
    expect((await call('POST', `/2/media/upload/${id}/finalize`)).status).toBe(400);
    expect((await append(id, 0, '\x89a\r')).status).toBe(200);
    expect((await call('POST', '/2/tweets', { json: { text: 'early', media: { media_ids: [id] } } })).status).toBe(400);
    expect((await call('POST', `/2/media/upload/${id}/finalize`)).body).toMatchObject({ data: { id, size: 7 } });
    await tweet('', { media: { media_ids: [id] } });
    expect((await control('GET', '/tweets')).body).toMatchObject({
      tweets: [{ media: [{ mediaType: 'image/png', bytes: 7 }] }],
    });
    const kept = await fetch(`${sandbox.url}/sandbox/x/media/${id}`);
    expect(Buffer.from(await kept.arrayBuffer()).toString('utf8')).toBe('\x89a\rPng');
    expect(kept.headers.get('content-type')).toBe('application/octet-stream');
  });

  it('are refused by type and size, and videos take a moment', async () => {
    for (const change of [{ media_type: 'text/html' }, { media_category: 'other' }, { total_bytes: 6_000_000 }]) {
      const medium = { media_type: 'image/png', media_category: 'tweet_image', total_bytes: 3, ...change };
      expect((await begin(medium)).status).toBe(400);
    }
    const { body } = await begin({ media_type: 'video/mp4', media_category: 'tweet_video', total_bytes: 1 });
    const { id } = body['data'] as { id: string };
    await append(id, 0, 'v');
    expect((await call('POST', `/2/media/upload/${id}/finalize`)).body).toMatchObject({
      data: { processing_info: { state: 'in_progress', check_after_secs: 1 } },
    });
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    expect((await call('GET', `/2/media/upload?command=STATUS&media_id=${id}`)).body).toMatchObject({
      data: { processing_info: { state: 'succeeded' } },
    });
  });
});

describe('OAuth 2.0 with PKCE', () => {
  const verifier = 'v'.repeat(43);
  const redirectUri = 'http://127.0.0.1:9/callback';
  const basic = `Basic ${Buffer.from(`${demoApp.clientId}:${demoApp.clientSecret}`).toString('base64')}`;

  function authorizePath(changes: Record<string, string> = {}): string {
    const query = {
      response_type: 'code',
      client_id: demoApp.clientId,
      redirect_uri: redirectUri,
      state: 's & t',
      scope: 'tweet.read users.read offline.access',
      code_challenge: challengeOf(verifier),
      code_challenge_method: 'S256',
      ...changes,
    };
    return `/i/oauth2/authorize?${new URLSearchParams(query).toString()}`;
  }

  async function decide(decision: string, path = authorizePath()): Promise<URL> {
    const body = new URLSearchParams({ username: 'gromit', decision });
    const response = await fetch(sandbox.url + path, { method: 'POST', body, redirect: 'manual' });
    expect(response.status).toBe(302);
    return new URL(response.headers.get('location') ?? '');
  }

  function token(form: Record<string, string>, authorization = basic): Promise<Answer> {
    const headers = authorization === '' ? {} : { authorization };
    return send('/2/oauth2/token', { method: 'POST', headers, body: new URLSearchParams(form) });
  }

  const exchange = (code: string, changes: Record<string, string> = {}, authorization = basic) =>
    token(
      { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier, ...changes },
      authorization,
    );

  const codeOf = (url: URL): string => url.searchParams.get('code') ?? '';

  it('gives tokens for a code, which is good once, and acts as who allowed it, within the scopes', async () => {
    const back = await decide('allow');
    expect(back.searchParams.get('state')).toBe('s & t');
    const { status, body } = await exchange(codeOf(back));
    expect(status).toBe(200);
    expect(body).toMatchObject({
      token_type: 'bearer',
      expires_in: 7200,
      scope: 'tweet.read users.read offline.access',
    });
    const auth = `Bearer ${String(body['access_token'])}`;
    expect((await call('GET', '/2/users/me', { auth })).body).toMatchObject({ data: { username: 'gromit' } });
    expect((await call('POST', '/2/tweets', { auth, json: { text: 'x' } })).status).toBe(403);
    expect((await exchange(codeOf(back))).body).toMatchObject({ error: 'invalid_request' });
  });

  it.each([
    ['another verifier', { code_verifier: 'w'.repeat(43) }, basic, 400],
    ['another redirect URI', { redirect_uri: 'http://127.0.0.1:9/other' }, basic, 400],
    ['another client', { client_id: demoApp.publicClientId }, '', 400],
    ['a wrong secret', {}, `Basic ${Buffer.from(`${demoApp.clientId}:wrong`).toString('base64')}`, 401],
  ])('refuses a code with %s', async (_what, changes, authorization, status) => {
    const code = codeOf(await decide('allow'));
    expect((await exchange(code, changes, authorization)).status).toBe(status);
  });

  it('gives each refresh token one time, and lets access tokens expire', async () => {
    const issued = (await control('POST', '/oauth2/tokens', { username: 'wallace', lifeSeconds: 0 })).body;
    const me = (body: Record<string, unknown>) =>
      call('GET', '/2/users/me', { auth: `Bearer ${String(body['access_token'])}` });
    expect((await me(issued)).status).toBe(401);
    const form = { grant_type: 'refresh_token', refresh_token: String(issued['refresh_token']) };
    const fresh = await token(form);
    expect((await me(fresh.body)).body).toMatchObject({ data: { username: 'wallace' } });
    expect((await token(form)).body).toMatchObject({ error: 'invalid_request' });
    expect((await control('GET', '/oauth2')).body).toEqual({ refreshes: 1 });
    expect((await token({ ...form, refresh_token: String(fresh.body['refresh_token']) })).status).toBe(200);
  });

  it('tells the app when the person denies, and asks nobody for a request that is wrong', async () => {
    expect((await decide('deny')).searchParams.get('error')).toBe('access_denied');
    const page = await fetch(sandbox.url + authorizePath({ scope: 'tweet.read' }));
    expect(await page.text()).toContain('<code>tweet.read</code>');
    for (const change of [
      { client_id: 'other' },
      { redirect_uri: 'javascript:alert(1)' },
      { code_challenge_method: 'plain' },
      { code_challenge: 'short' },
      { scope: 'all' },
      { state: '' },
    ]) {
      expect((await fetch(sandbox.url + authorizePath(change))).status).toBe(400);
    }
  });
});

describe('the page', () => {
  it('shows the timeline, escaped', async () => {
    await tweet('<script>alert("x")</script>');
    const html = await (await fetch(sandbox.url)).text();
    expect(html).toContain('Millrace Demo @millrace');
    expect(html).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;');
    expect(html).not.toMatch(/<script|src=|href=/);
  });
});
