import { createCredential, createRunningFlow } from '@millrace/dev';
import { eventually } from '@millrace/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runStack, type RunningStack } from './support/running-stack.js';
import { call, type Run } from './support/tutorial.js';

/** The demo keys of the sandbox. */
const account = {
  type: 'oauth1',
  consumerKey: 'sandbox-consumer-key',
  consumerSecret: 'sandbox-consumer-secret',
  accessToken: '783214001-sandbox-access-token',
  accessTokenSecret: 'sandbox-access-secret-of-millrace',
};

interface ShownTweet {
  text: string;
  username: string;
  createdAt: string;
  media: { mediaType: string; bytes: number }[];
}

let running: RunningStack;
let webhookUrl: string;
beforeAll(async () => {
  running = await runStack();
  const { api } = running;
  const open = await createCredential(api, { component: 'webhook', name: 'Blog', fields: { type: 'none' } });
  const x = await createCredential(api, { component: 'twitter', name: 'Demo account', fields: account });
  const flow = await createRunningFlow(api, {
    name: 'Blog post to tweet',
    draft: {
      steps: [
        { id: 'step_1', component: 'webhook', operation: 'receive', credentialId: open },
        {
          id: 'step_2',
          component: 'twitter',
          operation: 'postTweet',
          credentialId: x,
          mapping: { text: '"New post: " & title & " " & url', media: 'picture' },
        },
      ],
      edges: [{ from: 'step_1', to: 'step_2' }],
    },
  });
  webhookUrl = flow.webhookUrl;
});
afterAll(() => running.stop());
beforeEach(() => control('DELETE', '/'));

async function control(method: string, path: string, body?: object): Promise<unknown> {
  const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const answer = await fetch(`${running.stack.urls.sandbox}/sandbox/x${path}`, { method, ...(body ? json : {}) });
  const text = await answer.text();
  return text === '' ? undefined : JSON.parse(text);
}

async function timeline(): Promise<ShownTweet[]> {
  return ((await control('GET', '/tweets')) as { tweets: ShownTweet[] }).tweets;
}

/** The run of a call of the blog, when it has come to its end. */
async function endedRun(answer: Response): Promise<Run> {
  expect(answer.status).toBe(200);
  const { requestId } = (await answer.json()) as { requestId: string };
  const run = (): Promise<Run> => running.api.get<Run>(`/v1/runs/${requestId}`);
  await eventually(async () => expect(['succeeded', 'failed']).toContain((await run()).status), { timeoutMs: 40_000 });
  return run();
}

const post = { title: 'The wrong trousers', url: 'https://blog.example.com/trousers' };
const text = 'New post: The wrong trousers https://blog.example.com/trousers';

describe('a blog post', () => {
  it('becomes a tweet by one call of the webhook', async () => {
    const run = await endedRun(await call(webhookUrl, post));
    expect(run).toMatchObject({ status: 'succeeded', steps: [{}, { output: { text } }] });
    expect(await timeline()).toMatchObject([{ username: 'millrace', text }]);
    const page = await (await fetch(running.stack.urls.sandbox)).text();
    expect(page).toContain(text);
  });

  it('brings its picture', async () => {
    const form = new FormData();
    form.set('title', post.title);
    form.set('url', post.url);
    form.set('picture', new Blob([new Uint8Array(1_500_000).fill(7)], { type: 'image/png' }), 'trousers.png');
    const run = await endedRun(await fetch(webhookUrl, { method: 'POST', body: form }));
    expect(run.status).toBe('succeeded');
    expect(await timeline()).toMatchObject([{ text, media: [{ mediaType: 'image/png', bytes: 1_500_000 }] }]);
  });

  it('waits while the account has used up its limit, and is then tweeted once', async () => {
    await control('PUT', '/limits', { endpoint: 'POST /2/tweets', limit: 1, windowSeconds: 6 });
    const [first, second] = await Promise.all([
      endedRun(await call(webhookUrl, { ...post, title: 'First' })),
      endedRun(await call(webhookUrl, { ...post, title: 'Second' })),
    ]);
    expect([first.status, second.status]).toEqual(['succeeded', 'succeeded']);
    const attempts = [first, second].map(
      ({ steps }) => steps[1] as unknown as { attempts: number; attemptErrors: object[] },
    );
    expect(attempts.map((step) => step.attempts).toSorted((a, b) => a - b)).toEqual([1, 2]);
    expect(attempts.flatMap(({ attemptErrors }) => attemptErrors)).toMatchObject([{ error: { code: 'rate_limited' } }]);
    const tweets = await timeline();
    expect(tweets.map((tweet) => tweet.text).toSorted()).toEqual([
      'New post: First https://blog.example.com/trousers',
      'New post: Second https://blog.example.com/trousers',
    ]);
    const [later = 0, earlier = 0] = tweets.map(({ createdAt }) => Date.parse(createdAt));
    expect(later - earlier).toBeGreaterThan(4_000);
  });

  it('is tweeted once though X fails at first, and not again when it comes again', async () => {
    await control('PUT', '/faults', { endpoint: 'POST /2/tweets', status: 503, times: 1 });
    expect((await endedRun(await call(webhookUrl, post))).status).toBe('succeeded');
    const again = await endedRun(await call(webhookUrl, post));
    expect(again).toMatchObject({ status: 'failed', steps: [{}, { error: { code: 'duplicate_tweet' } }] });
    expect(await timeline()).toHaveLength(1);
  });
});

describe('an account that authorized by OAuth 2.0', () => {
  const refreshes = async (): Promise<unknown> => control('GET', '/oauth2');

  /** What a person does: asks for it, allows it at X, and comes back. */
  async function authorizedCredential(): Promise<string> {
    const { api } = running;
    const { url } = await api.post<{ url: string }>('/v1/credentials/oauth2/authorize', {
      component: 'twitter',
      name: 'Authorized',
      fields: { clientId: 'sandbox-client', clientSecret: 'sandbox-client-secret' },
    });
    const body = new URLSearchParams({ username: 'wallace', decision: 'allow' });
    const allowed = await fetch(url, { method: 'POST', body, redirect: 'manual' });
    const back = new URL(allowed.headers.get('location') ?? 'missing:');
    expect(back.origin).toBe(running.stack.urls.api);
    return (await api.get<{ id: string }>(back.pathname + back.search)).id;
  }

  it('is tweeted for with tokens that are refreshed once, and again when X ends them early', async () => {
    await control('PUT', '/oauth2', { accessLifeSeconds: 65 });
    const credentialId = await authorizedCredential();
    const open = await createCredential(running.api, { component: 'webhook', name: 'Open', fields: { type: 'none' } });
    const tweet = { component: 'twitter', operation: 'postTweet', credentialId, mapping: { text: 'title' } };
    const flow = await createRunningFlow(running.api, {
      name: 'Authorized',
      draft: {
        steps: [
          { id: 'step_1', component: 'webhook', operation: 'receive', credentialId: open },
          { id: 'step_2', ...tweet },
        ],
        edges: [{ from: 'step_1', to: 'step_2' }],
      },
    });
    const posted = async (title: string): Promise<Run> => endedRun(await call(flow.webhookUrl, { title }));
    expect(await posted('with the first token')).toMatchObject({ status: 'succeeded' });
    expect(await refreshes()).toEqual({ refreshes: 0 });

    // Tokens with less than a minute left are not used any more.
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    const runs = await Promise.all(['one', 'two', 'three', 'four'].map(posted));
    expect(runs.map(({ status }) => status)).toEqual(Array.from(runs, () => 'succeeded'));
    expect(await refreshes()).toEqual({ refreshes: 1 });

    await control('DELETE', '/oauth2/tokens');
    expect(await posted('after all')).toMatchObject({ status: 'succeeded', steps: [{}, { attempts: 2 }] });
    expect(await refreshes()).toEqual({ refreshes: 2 });
    expect((await timeline()).map(({ username }) => username)).toEqual(Array.from({ length: 6 }, () => 'wallace'));
  });
});

describe('mentions', () => {
  it('set off a flow once each', async () => {
    const { api } = running;
    const x = await createCredential(api, { component: 'twitter', name: 'Mentions', fields: account });
    const flow = await createRunningFlow(api, {
      name: 'Thanks',
      draft: {
        steps: [
          {
            id: 'step_1',
            component: 'twitter',
            operation: 'newMentions',
            credentialId: x,
            schedule: { everySeconds: 5 },
          },
          {
            id: 'step_2',
            component: 'twitter',
            operation: 'postTweet',
            credentialId: x,
            mapping: { text: '"Thank you, " & author.name', replyTo: 'id' },
          },
        ],
        edges: [{ from: 'step_1', to: 'step_2' }],
      },
    });
    const polled = async (): Promise<string> => JSON.stringify(await api.get<object>(`/v1/flows/${flow.id}/schedule`));
    await eventually(async () => expect(await polled()).toContain('lastId'), { timeoutMs: 20_000 });
    await control('POST', '/tweets', { username: 'gromit', text: 'Well done @millrace' });
    await control('POST', '/tweets', { username: 'wallace', text: '@millrace Cracking!' });
    const thanks = async (): Promise<string[]> =>
      (await timeline()).filter(({ username }) => username === 'millrace').map((tweet) => tweet.text);
    await eventually(
      async () => expect((await thanks()).toSorted()).toEqual(['Thank you, Gromit', 'Thank you, Wallace']),
      {
        timeoutMs: 20_000,
      },
    );
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    expect(await thanks()).toHaveLength(2);
    await api.post(`/v1/flows/${flow.id}/stop`);
  });
});
