import { newId, type CredentialId, type RunId } from '@millrace/contracts';
import { insertApiToken, insertBulkJob, insertRuns } from '@millrace/persistence';
import { seedCredential, seedFlow } from '@millrace/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { petstoreDescriptor, tutorialDraft, useApi, type TestUser } from '../../test/api.fixture.js';
import { routes, type Route } from '../../test/routes.fixture.js';

const test = useApi();

/**
 * Routes outside of controllers. Public are health, the console's page and files, and the documentation with its files;
 * those of components take calls that a component has signed, and no user.
 */
const plainRoutes =
  /^(\/|\/\*|\/assets\/\*|\/health\/(live|ready)|\/v1\/openapi\.json|\/v1\/docs(\/.*)?|\/component\/files(\/:id)?)$/;

describe('every route', () => {
  it('declares the role that it requires', () => {
    expect(routes.length).toBeGreaterThan(25);
    expect(routes.filter(({ role }) => !['public', 'member', 'administrator'].includes(role as string))).toEqual([]);
  });

  it('is public only when it must be', () => {
    const open = routes.filter(({ role }) => role === 'public').map(({ method, path }) => `${method} ${path}`);
    expect(open).toEqual(['GET /v1/setup', 'POST /v1/setup', 'POST /v1/sessions', 'POST /v1/invitations/accept']);
  });

  it('that the server knows is declared by a controller, or is a plain one that is known here', () => {
    const declared = new Set(routes.map(({ method, path }) => `${method} ${path}`));
    const served = servedRoutes(test.api.app.getHttpAdapter().getInstance().printRoutes({ commonPrefix: false }));
    expect(served.length).toBeGreaterThan(declared.size);
    const strangers = served.filter((route) => {
      const [method = '', path = ''] = route.split(' ');
      return !declared.has(`${method === 'HEAD' ? 'GET' : method} ${path}`) && !plainRoutes.test(path);
    });
    expect(strangers).toEqual([]);
  });

  it.each(routes.filter(({ role }) => role !== 'public'))(
    '$method $path answers 401 without a token',
    async (route) => {
      const answer = await test.anonymous()[verb(route)](concrete(route)).send(bodyFor(route));
      expect([answer.status, (answer.body as { code: string }).code]).toEqual([401, 'unauthorized']);
    },
  );

  it('of administrators answers 403 to a member', async () => {
    const member = await test.signedIn();
    const theirs = routes.filter(({ role }) => role === 'administrator');
    expect(theirs.length).toBeGreaterThan(8);
    for (const route of theirs) {
      const answer = await test.as(member)[verb(route)](concrete(route)).send(bodyFor(route));
      expect([route, answer.status, (answer.body as { code: string }).code]).toEqual([route, 403, 'forbidden']);
    }
  });
});

describe('a second workspace', () => {
  let stranger: TestUser;
  const ids: Record<string, string> = { number: '1' };

  beforeAll(async () => {
    const owner = await test.signedIn();
    stranger = await test.signedIn({ role: 'administrator' });
    const { workspaceId } = owner;
    const flow = await seedFlow(test.database, tutorialDraft(newId()), { workspaceId, status: 'stopped' });
    const credentialId = newId<CredentialId>();
    await seedCredential(test.database, { id: credentialId, workspaceId, component: 'petstore', sealed: 'sealed' });
    const runId = newId<RunId>();
    await insertRuns(test.database, [
      {
        id: runId,
        ...flow,
        triggerStepId: 'step_1' as never,
        receivedAt: Date.now(),
        request: '{}',
        body: Buffer.alloc(0),
        dueInMs: 60_000,
      },
    ]);
    const jobId = newId<string>();
    const job = {
      id: jobId,
      action: 'cancel',
      version: null,
      createdBy: owner.userId,
      createdAt: new Date(0),
    } as const;
    await insertBulkJob(test.database.dataSource.manager, workspaceId, {
      ...job,
      filter: { status: 'queued' },
      maxOpen: 1,
    });
    const apiTokenId = newId<string>();
    await insertApiToken(test.database.dataSource.manager, workspaceId, {
      id: apiTokenId,
      name: 'Theirs',
      role: 'member',
      prefix: 'mrt_',
      userId: owner.userId,
      expiresAt: null,
      tokenHash: Buffer.alloc(32),
    });
    Object.assign(ids, { flowId: flow.flowId, credentialId, runId, requestId: runId, jobId });
    Object.assign(ids, { userId: owner.userId, apiTokenId });
    await test.as(owner).get(`/v1/flows/${flow.flowId}`).expect(200);
    await test.as(owner).get(`/v1/credentials/${credentialId}`).expect(200);
    await test.as(owner).get(`/v1/runs/${runId}`).expect(200);
    await test.as(owner).get(`/v1/jobs/${jobId}`).expect(200);
  });

  const withIds = routes.filter(({ path }) =>
    /:(flowId|credentialId|runId|requestId|jobId|userId|apiTokenId)/.test(path),
  );

  it('is tried on every route with an id', () => {
    expect(withIds.length).toBeGreaterThan(15);
  });

  it.each(withIds)('gets 404 from $method $path with a foreign id', async (route) => {
    const answer = await test.as(stranger)[verb(route)](concrete(route, ids)).send(bodyFor(route));
    expect([answer.status, (answer.body as { code: string }).code]).toEqual([404, 'not_found']);
  });

  it('has changed nothing by that', async () => {
    const [flow] = await test.database.dataSource.query(
      `select f.status, f.name, f.draft_revision, f.deleted_at, count(v.id)::int as versions
       from flow f join flow_version v on v.flow_id = f.id where f.id = $1 group by f.id`,
      [ids['flowId']],
    );
    expect(flow).toEqual({ status: 'stopped', name: 'test', draft_revision: 1, deleted_at: null, versions: 1 });
    const [credential] = await test.database.dataSource.query('select name, status from credential where id = $1', [
      ids['credentialId'],
    ]);
    expect(credential).toEqual({ name: 'test', status: 'verified' });
    const tokens = await test.database.dataSource.query('select name from api_token where id = $1', [
      ids['apiTokenId'],
    ]);
    expect(tokens).toEqual([{ name: 'Theirs' }]);
    const users = await test.database.dataSource.query('select name from "user" where id = $1', [ids['userId']]);
    expect(users).toEqual([{ name: 'Ada' }]);
  });

  it.each(['flows', 'credentials', 'runs', 'jobs'])('sees nothing of it in the list of %s', async (what) => {
    const { body } = await test.as(stranger).get(`/v1/${what}`).expect(200);
    expect(body).toMatchObject({ items: [], nextCursor: null });
  });
});

describe('every answer', () => {
  it.each([
    ['GET', '/', 200],
    ['GET', '/v1/docs', 200],
    ['GET', '/health/live', 200],
    ['GET', '/v1/flows', 401],
    ['GET', '/nowhere', 404],
    ['PUT', '/v1/sessions', 404],
  ])('to %s %s has a request id and headers that keep browsers safe', async (method, path, status) => {
    const { headers } = await test.anonymous()[verb({ method })](path).set('x-request-id', 'chosen').expect(status);
    expect(headers).toMatchObject({
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
      'content-security-policy': expect.stringMatching(/default-src 'none'.*frame-ancestors 'none'/) as string,
    });
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers['content-security-policy']).not.toMatch(/script-src[^;]*unsafe/);
  });

  it('is not kept by caches', async () => {
    const user = await test.signedIn();
    const { headers } = await test.as(user).get('/v1/flows').expect(200);
    expect(headers['cache-control']).toBe('no-store');
  });
});

describe('a body', () => {
  const send = async (body: string | Buffer, type = 'application/json') => {
    const user = await test.signedIn();
    return test.as(user).post('/v1/flows').set('content-type', type).send(body.toString());
  };

  it('that is broken JSON is answered 400 with line and column', async () => {
    const { status, body, headers } = await send('{\n  "name": "a",\n  "draft": }');
    expect(status).toBe(400);
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(body).toEqual({
      type: 'urn:millrace:problem:invalid_json',
      title: 'The body is not valid JSON',
      status: 400,
      code: 'invalid_json',
      detail: 'Line 3, column 12: a value is expected here.',
      line: 3,
      column: 12,
      requestId: headers['x-request-id'],
    });
  });

  it.each([
    ['a key that reaches a prototype', '{"name":"a","__proto__":{"x":1}}', 400, 'invalid_request'],
    ['levels without end', '['.repeat(100_000), 400, 'invalid_json'],
    ['100,000 levels', `{"name":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 400, 'invalid_request'],
    ['U+0000 in a name', '{"name":"a\\u0000"}', 400, 'invalid_request'],
    ['more than 4 MiB', `{"name":"${'a'.repeat(4 * 1024 * 1024)}"}`, 413, 'body_too_large'],
    ['a list where an object is due', '[]', 422, 'validation_failed'],
    ['nothing where an object is due', '', 422, 'validation_failed'],
  ])('with %s is refused', async (_what, text, status, code) => {
    const answer = await send(text);
    expect([answer.status, (answer.body as { code: string }).code]).toEqual([status, code]);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'text/xml', 'multipart/form-data; boundary=x'])(
    'of type %s is answered 415',
    async (type) => {
      const answer = await send('name=a', type);
      expect([answer.status, (answer.body as { code: string }).code]).toEqual([415, 'unsupported_media_type']);
    },
  );

  it('is not needed for routes that take none, even when its type is given', async () => {
    const user = await test.signedIn();
    await test.as(user).post(`/v1/flows/${newId()}/stop`).set('content-type', 'application/json').expect(404);
  });
});

describe('the OpenAPI document', () => {
  interface Document {
    openapi: string;
    paths: Record<string, Record<string, { operationId: string; responses: Record<string, unknown> }>>;
    components: { schemas: Record<string, object> };
  }
  let document: Document;

  beforeAll(async () => {
    document = (await test.anonymous().get('/v1/openapi.json').expect(200)).body as Document;
  });

  it('has every route, each with an id of its own and the shape of its success', () => {
    const documented = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const expected = routes
      .filter(({ path }) => path !== '/')
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
    expect(documented.sort()).toEqual(expected.sort());
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    expect(new Set(operations.map((operation) => operation.operationId)).size).toBe(operations.length);
    for (const { responses } of operations) {
      const success = Object.entries(responses).find(([status]) => status.startsWith('2'));
      expect(success?.[0] === '204' || JSON.stringify(success?.[1]).includes('$ref')).toBe(true);
      expect(responses).toHaveProperty('default');
    }
  });

  it('refers only to schemas that it has, and names them as the glossary does', () => {
    const names = Object.keys(document.components.schemas);
    const referred = JSON.stringify(document).matchAll(/#\/components\/schemas\/([\w.-]+)/g);
    for (const [, name] of referred) expect(names).toContain(name);
    expect(names).toEqual(
      expect.arrayContaining([
        'Flow',
        'FlowDraft',
        'FlowVersion',
        'Credential',
        'Component',
        'Run',
        'StepRun',
        'Problem',
      ]),
    );
    expect(names.filter((name) => name.startsWith('_'))).toEqual([]);
  });

  it('is shown by a page that loads nothing from elsewhere', async () => {
    const page = await test.anonymous().get('/v1/docs').expect(200);
    expect(page.text).not.toMatch(/(src|href)=["'](https?:)?\/\//);
    const assets = [...page.text.matchAll(/(?:src|href)="(\.\/docs\/[^"]+)"/g)].map(([, asset]) => asset!);
    expect(assets.length).toBeGreaterThan(2);
    for (const asset of assets)
      await test
        .anonymous()
        .get(`/v1/${asset.slice(2)}`)
        .expect(200);
  });
});

describe('the catalogue', () => {
  it('is empty until components announce themselves, and knows no others', async () => {
    const user = await test.signedIn();
    await test.as(user).get('/v1/components').expect({ items: [], nextCursor: null });
    for (const name of [petstoreDescriptor.name, 'UPPER', '%00', 'a'.repeat(100)]) {
      await test.as(user).get(`/v1/components/${name}`).expect(404);
    }
  });
});

type Verb = 'get' | 'post' | 'put' | 'patch' | 'delete';

function verb({ method }: Pick<Route, 'method'>): Verb {
  return method.toLowerCase() as Verb;
}

/** The path with ids in place of its parameters. */
function concrete({ path }: Route, ids: Record<string, string> = {}): string {
  return path.replaceAll(/:(\w+)/g, (_whole, name: string) => ids[name] ?? newId());
}

/** A body that the route takes, so that nothing but the id is wrong. */
function bodyFor({ method, path }: Route): object | undefined {
  if (path.endsWith('/draft') && method === 'PUT') return { steps: [], edges: [] };
  if (path.endsWith('/queue/release')) return { key: '0'.repeat(64) };
  if (path.endsWith('/sample') && method === 'POST') return { mode: 'generate' };
  return method === 'PATCH' ? { name: 'Taken over' } : undefined;
}

/** The routes in what Fastify prints of its tree, one `METHOD /path` each. */
function servedRoutes(printed: string): string[] {
  const parents: string[] = [];
  return printed.split('\n').flatMap((line) => {
    const found = /^([│├└─\s]*)(\S+)(?: \(([A-Z, ]+)\))?/.exec(line);
    if (!found?.[2]) return [];
    const depth = Math.round(found[1]!.length / 4);
    const path = parents.slice(0, depth).join('') + (found[2] === '(empty' ? '' : found[2]);
    parents[depth] = found[2];
    parents.length = depth + 1;
    return (found[3]?.split(', ') ?? []).map((method) => `${method} ${path}`);
  });
}
