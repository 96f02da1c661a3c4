import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { actsOf, setupBodyOf } from '../../test/acts.fixture.js';
import {
  petstoreDescriptor,
  startComponent,
  timerDescriptor,
  twitterDescriptor,
  useApi,
  webhookDescriptor,
  type TestComponent,
  type TestUser,
} from '../../test/api.fixture.js';
import { routes } from '../../test/routes.fixture.js';

const test = useApi();
let admin: TestUser;
let setupRequestId: string;
const components: TestComponent[] = [];
const acts = actsOf(test, () => admin);

/** Routes that change nothing although they are no GET: they answer a question, and keep nothing of it. */
const questions = [
  'POST /v1/components/:name/operations/:operation/options',
  'POST /v1/components/:name/operations/:operation/schema',
  'POST /v1/credentials/detect-signature',
  'POST /v1/mappings/preview',
];

beforeAll(async () => {
  const body = setupBodyOf(test);
  const answer = await test.anonymous().post('/v1/setup').send(body).expect(201);
  setupRequestId = answer.headers['x-request-id'] as string;
  const { token, user, workspace } = answer.body as {
    token: string;
    user: { id: TestUser['userId'] };
    workspace: { id: TestUser['workspaceId'] };
  };
  admin = { email: body.email, userId: user.id, workspaceId: workspace.id, token };
  for (const descriptor of [petstoreDescriptor, webhookDescriptor, timerDescriptor, twitterDescriptor]) {
    components.push(await startComponent(test, descriptor));
  }
});
afterAll(() => Promise.all(components.map((component) => component.close())));

const query = <Row>(text: string, values: unknown[] = []) => test.database.dataSource.query<Row[]>(text, values);
const entriesOf = (requestId: string) =>
  query<{ action: string; workspaceId: string; address: string; changes: object[] }>(
    `select action, workspace_id as "workspaceId", address, changes from audit_entry where request_id = $1`,
    [requestId],
  );

const tables = [
  'api_token',
  'bulk_job',
  'credential',
  'flow',
  'flow_version',
  'held_run',
  'invitation',
  'membership',
  'oauth2_authorization',
  'parked_message',
  'run',
  'sample',
  'schedule',
  'session',
  'step_run',
  'user',
  'workspace',
];

/** A digest of each table that an act may change. */
async function digests(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const table of tables) {
    const [row] = await query<{ digest: string }>(
      `select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) as digest from "${table}" t`,
    );
    found[table] = row!.digest;
  }
  return found;
}

describe('every changing route', () => {
  it('is tried here, or is known to change nothing', () => {
    const changing = routes.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`);
    expect(changing.toSorted((one, other) => one.localeCompare(other))).toEqual(
      [...Object.keys(acts), ...questions, 'POST /v1/setup'].toSorted((one, other) => one.localeCompare(other)),
    );
  });

  it.each(Object.entries(acts))('%s is noted with where it came from', async (_route, { action, prepare }) => {
    const answer = await (await prepare())();
    expect(answer.status).toBeLessThan(300);
    const entries = await entriesOf(answer.headers['x-request-id'] as string);
    expect(entries).toMatchObject([{ action, workspaceId: admin.workspaceId, address: '127.0.0.1' }]);
  });

  it.each(Object.entries(acts))('%s changes nothing where it cannot be noted', async (_route, { prepare }) => {
    const act = await prepare();
    const before = await digests();
    await query('alter table audit_entry add constraint none_is_taken check (false) not valid');
    try {
      const answer = await act();
      expect(answer.status).toBe(500);
    } finally {
      await query('alter table audit_entry drop constraint none_is_taken');
    }
    expect(await digests()).toEqual(before);
  });

  it('POST /v1/setup is noted, too', async () => {
    const entries = await entriesOf(setupRequestId);
    expect(entries).toMatchObject([{ action: 'workspace.created', workspaceId: admin.workspaceId }]);
  });

  it('has left no secret in the audit', async () => {
    const text = JSON.stringify(await query('select * from audit_entry'));
    expect(text).toContain('credential.changed');
    expect(text).not.toMatch(/a-secret-key|correct horse|a mill turns|mr[siu]_|mrt_[\w-]{7}/);
  });
});
