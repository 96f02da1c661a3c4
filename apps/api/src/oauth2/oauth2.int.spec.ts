import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createPublisher, createRpcClient, openSessions } from '@millrace/amqp';
import {
  coreTopology,
  decodeRpcReply,
  encodeRefreshRequest,
  queues,
  refreshedCredentialOf,
  type CredentialId,
  type RpcReply,
} from '@millrace/contracts';
import { deriveComponentKey, openCredential } from '@millrace/credentials';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  petstoreDescriptor,
  silent,
  startComponent,
  twitterDescriptor,
  useApi,
  type TestComponent,
  type TestUser,
} from '../../test/api.fixture.js';

const apiUrl = 'http://console.example.test';
const test = useApi({ CONSOLE_URL: apiUrl, VERIFY_TIMEOUT_MS: '2000' });
const client = { clientId: 'sandbox-client', clientSecret: 'sandbox-client-secret' };
/** The built sandbox, as it runs elsewhere: `npx tsc -b` makes it. */
const sandboxMain = fileURLToPath(new URL('../../../sandbox/dist/main.js', import.meta.url));

let sandbox: ChildProcess;
let sandboxUrl: string;
let twitter: TestComponent;
let petstore: TestComponent;
let user: TestUser;
let verdict: RpcReply;

beforeAll(async () => {
  sandbox = spawn(process.execPath, [sandboxMain], { env: { PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: sandbox.stdout! })) {
    const { url } = JSON.parse(line) as { url?: string };
    if (url === undefined) continue;
    sandboxUrl = url;
    break;
  }
  const { credentials } = twitterDescriptor;
  const oauth2 = {
    ...credentials!.oauth2!,
    authorizeUrl: `${sandboxUrl}/i/oauth2/authorize`,
    tokenUrl: `${sandboxUrl}/2/oauth2/token`,
  };
  twitter = await startComponent(
    test,
    { ...twitterDescriptor, credentials: { ...credentials!, oauth2 } },
    () => verdict,
  );
  petstore = await startComponent(test, petstoreDescriptor);
});
afterAll(async () => {
  await Promise.all([twitter.close(), petstore.close()]);
  const exit = once(sandbox, 'exit');
  sandbox.kill('SIGTERM');
  await exit;
});
beforeEach(async () => {
  verdict = { ok: true, value: null };
  await control('DELETE', '/');
  user = await test.signedIn();
});

async function control(method: string, path: string, body?: object): Promise<unknown> {
  const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const answer = await fetch(`${sandboxUrl}/sandbox/x${path}`, { method, ...(body ? json : {}) });
  const text = await answer.text();
  return text === '' ? undefined : JSON.parse(text);
}

async function begin(body: object = { component: 'twitter', name: 'Ours', fields: client }): Promise<URL> {
  const begun = await test.as(user).post('/v1/credentials/oauth2/authorize').send(body).expect(201);
  return new URL((begun.body as { url: string }).url);
}

/** What the browser of a person does at the system; resolves with where it is sent back to. */
async function decide(url: URL, decision = 'allow'): Promise<URL> {
  const body = new URLSearchParams({ username: 'gromit', decision });
  const answer = await fetch(url, { method: 'POST', body, redirect: 'manual' });
  return new URL(answer.headers.get('location') ?? 'missing:');
}

const callback = (back: URL, as = user) => test.as(as).get(`/v1/credentials/oauth2/callback${back.search}`);

async function authorized(): Promise<string> {
  const finished = await callback(await decide(await begin())).expect(200);
  return (finished.body as { id: string }).id;
}

interface Stored {
  sealed: string;
  status: string;
  fields: Record<string, unknown>;
}

async function stored(id: string): Promise<Stored> {
  const [row] = await test.database.dataSource.query<[{ sealed: string; status: string }]>(
    'select sealed, status from credential where id = $1',
    [id],
  );
  return { ...row, fields: opened(id, row.sealed) };
}

function opened(id: string, sealed: string): Record<string, unknown> {
  const keys = deriveComponentKey(test.masterKey, 'twitter');
  return openCredential({
    keys,
    workspaceId: user.workspaceId,
    credentialId: id as CredentialId,
    component: 'twitter',
    sealed,
  });
}

describe('an authorization', () => {
  it('sends the person to the system, with what the system needs and no secret', async () => {
    const url = await begin();
    expect(url.origin).toBe(sandboxUrl);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      response_type: 'code',
      client_id: client.clientId,
      redirect_uri: `${apiUrl}/v1/credentials/oauth2/callback`,
      scope: 'tweet.read tweet.write users.read media.write offline.access',
      state: expect.stringMatching(/^[\w-]{43}$/) as string,
      code_challenge: expect.stringMatching(/^[\w-]{43}$/) as string,
      code_challenge_method: 'S256',
    });
    const rows = await test.database.dataSource.query('select * from oauth2_authorization');
    expect(JSON.stringify(rows)).not.toContain(client.clientSecret);
    expect(JSON.stringify(rows)).not.toContain(url.searchParams.get('state'));
  });

  it('ends in a credential with tokens that the component has verified, sealed', async () => {
    const finished = await callback(await decide(await begin())).expect(200);
    expect(finished.body).toMatchObject({ component: 'twitter', name: 'Ours', status: 'verified' });
    const { fields } = await stored((finished.body as { id: string }).id);
    expect(fields).toMatchObject({ type: 'oauth2', ...client, expiresAt: expect.any(String) as string });
    const me = await fetch(`${sandboxUrl}/2/users/me`, {
      headers: { authorization: `Bearer ${String(fields['accessToken'])}` },
    });
    expect(await me.json()).toMatchObject({ data: { username: 'gromit' } });
    expect(finished.text).not.toContain(String(fields['accessToken']));
    expect(test.logged.join('')).not.toContain(String(fields['refreshToken']));
  });

  it('can be finished once, and only by who began it', async () => {
    const back = await decide(await begin());
    const others = [
      await test.signedIn(),
      await test.signedIn({ workspaceId: user.workspaceId, role: 'administrator' }),
    ];
    for (const other of others) {
      expect((await callback(back, other).expect(409)).body).toMatchObject({ code: 'authorization_unknown' });
    }
    await test.anonymous().get(`/v1/credentials/oauth2/callback${back.search}`).expect(401);
    await callback(back).expect(200);
    await callback(back).expect(409);
  });

  it('leads a browser that comes back to the page of the console that finishes it', async () => {
    const back = '?state=a&code=b';
    const browser = test.anonymous().get(`/v1/credentials/oauth2/callback${back}`).set('accept', 'text/html,*/*;q=0.8');
    expect((await browser.expect(303)).headers['location']).toBe(`/connected${back}`);
  });

  it('is noted in the audit when it begins and when it is finished, without a secret', async () => {
    const id = await authorized();
    const entries = await test.database.dataSource.query<{ action: string; entity_id: string | null }[]>(
      'select * from audit_entry where user_id = $1 order by id desc limit 2',
      [user.userId],
    );
    expect(entries).toMatchObject([
      { action: 'credential.created', entity_id: id, entity_name: 'Ours' },
      { action: 'credential.authorization_begun', entity_id: null, entity_name: 'Ours' },
    ]);
    expect(JSON.stringify(entries)).not.toContain(client.clientSecret);
  });

  it('is over after its time', async () => {
    const back = await decide(await begin());
    await test.database.dataSource.query(`update oauth2_authorization set expires_at = now()`);
    expect((await callback(back).expect(409)).body).toMatchObject({ code: 'authorization_unknown' });
  });

  it('stores nothing when the person denies, the code is wrong or the component refuses', async () => {
    const denied = await callback(await decide(await begin(), 'deny')).expect(422);
    expect(denied.body).toMatchObject({
      code: 'authorization_denied',
      detail: 'The system sent no code: access_denied.',
    });
    const wrong = await decide(await begin());
    wrong.searchParams.set('code', 'wrong');
    expect((await callback(wrong).expect(422)).body).toMatchObject({
      code: 'authorization_failed',
      detail: expect.stringContaining('authorization code was invalid') as string,
    });
    verdict = { ok: false, error: { code: 'credential_refused', message: 'X refused it', detail: null } };
    expect((await callback(await decide(await begin())).expect(422)).body).toMatchObject({
      code: 'credential_refused',
    });
    const list = await test.as(user).get('/v1/credentials').expect(200);
    expect((list.body as { items: unknown[] }).items).toEqual([]);
  });

  it('gives a credential that is there new tokens', async () => {
    const id = await authorized();
    const before = await stored(id);
    const again = await callback(await decide(await begin({ credentialId: id }))).expect(200);
    expect(again.body).toMatchObject({ id, name: 'Ours' });
    expect((await stored(id)).fields['accessToken']).not.toBe(before.fields['accessToken']);
  });

  it('is not begun for what has none, or is another workspace’s', async () => {
    const id = await authorized();
    const refusedAs = async (body: object, as = user) =>
      ((await test.as(as).post('/v1/credentials/oauth2/authorize').send(body)).body as { code: string }).code;
    expect(await refusedAs({ component: 'petstore', name: 'x', fields: client })).toBe('oauth2_not_offered');
    expect(await refusedAs({ component: 'nobody', name: 'x', fields: client })).toBe('unknown_component');
    expect(await refusedAs({ credentialId: id }, await test.signedIn())).toBe('not_found');
    expect(await refusedAs({ component: 'twitter', name: 'x', fields: {} })).toBe('validation_failed');
  });
});

describe('a refresh', () => {
  let ask: (id: string, sealed: string, workspaceId?: string) => Promise<RpcReply>;
  let close: () => Promise<void>;

  beforeAll(() => {
    const sessions = openSessions({ url: test.amqpUrl, name: 'spec', topology: coreTopology, logger: silent });
    const publisher = createPublisher(sessions.publishing, { logger: silent });
    const rpc = createRpcClient(sessions.consuming, { name: 'spec.answers', publisher, logger: silent });
    ask = async (id, sealed, workspaceId = user.workspaceId) => {
      const body = encodeRefreshRequest({
        workspaceId: workspaceId as never,
        credential: { id: id as CredentialId, sealed },
      });
      const reply = decodeRpcReply(await rpc.call(queues.refresh, body, { timeoutMs: 15_000 }));
      if (!reply.ok) throw new Error(reply.reason);
      return reply.value;
    };
    close = async () => {
      await rpc.close();
      await publisher.close();
      await sessions.close();
    };
  });
  afterAll(() => close());

  const sealedIn = (reply: RpcReply): string => (reply.ok && refreshedCredentialOf(reply.value)?.sealed) || '';

  it('stores the next tokens and answers them sealed', async () => {
    const id = await authorized();
    const before = await stored(id);
    const sealed = sealedIn(await ask(id, before.sealed));
    const after = await stored(id);
    expect(after.sealed).toBe(sealed);
    expect(after.fields).toMatchObject(client);
    expect(after.fields['refreshToken']).not.toBe(before.fields['refreshToken']);
    expect(after.fields['accessToken']).not.toBe(before.fields['accessToken']);
  });

  it('is made once for all who ask at the same time, and they get the same tokens', async () => {
    const id = await authorized();
    const { sealed } = await stored(id);
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(id, sealed)));
    expect(new Set(answers.map(sealedIn)).size).toBe(1);
    expect(await control('GET', '/oauth2')).toEqual({ refreshes: 1 });
    expect(sealedIn(await ask(id, sealed))).toBe((await stored(id)).sealed);
    expect(await control('GET', '/oauth2')).toEqual({ refreshes: 1 });
  });

  it('says that a person must authorize anew when the system takes the refresh token no more', async () => {
    const id = await authorized();
    const { sealed, fields } = await stored(id);
    await control('DELETE', '/oauth2/tokens', { token: fields['refreshToken'] });
    expect(await ask(id, sealed)).toMatchObject({
      ok: false,
      error: { code: 'credential_refused', message: expect.stringContaining('authorize anew') as string },
    });
    expect(await stored(id)).toMatchObject({ sealed, status: 'failing' });
  });

  it('comes before a check of tokens that are over', async () => {
    await control('PUT', '/oauth2', { accessLifeSeconds: 1 });
    const id = await authorized();
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await test.as(user).post(`/v1/credentials/${id}/verify`).expect(200);
    expect(await control('GET', '/oauth2')).toEqual({ refreshes: 1 });
  });

  it('knows no credential of another workspace', async () => {
    const id = await authorized();
    const { sealed } = await stored(id);
    const other = await test.signedIn();
    expect(await ask(id, sealed, other.workspaceId)).toMatchObject({
      ok: false,
      error: { code: 'credential_refused' },
    });
    expect(await control('GET', '/oauth2')).toEqual({ refreshes: 0 });
  });
});
