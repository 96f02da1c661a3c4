import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { setupBodyOf } from '../../test/acts.fixture.js';
import { useApi } from '../../test/api.fixture.js';

const test = useApi({ CONSOLE_URL: 'https://millrace.example.test' });
/** The built command, as an operator runs it: `npx tsc -b` makes it. */
const command = fileURLToPath(new URL('../../dist/setup-token.js', import.meta.url));

const setUp = (change: object = {}) =>
  test
    .anonymous()
    .post('/v1/setup')
    .send({ ...setupBodyOf(test), ...change });

// In this order: a control plane is set up once.
describe('the first set-up', () => {
  it('is asked for in the log, which holds no token, and in public', async () => {
    const log = test.logged.join('');
    expect(log).toContain('https://millrace.example.test/setup');
    expect(log).not.toContain(setupBodyOf(test)['setupToken']);
    await test.anonymous().get('/v1/setup').expect(200, { needed: true });
  });

  it.each([
    [{ setupToken: 'mru_wrong' }, 403, '/setupToken'],
    [{ setupToken: '' }, 403, '/setupToken'],
    [{ password: 'short' }, 422, '/password'],
    [{ email: 'nobody' }, 422, '/email'],
    [{ workspaceName: '' }, 422, '/workspaceName'],
  ])('is refused with %j', async (change, status, pointer) => {
    const answer = await setUp(change).expect(status);
    expect(answer.body).toMatchObject({ problems: [{ pointer }] });
    await test.anonymous().get('/v1/setup').expect(200, { needed: true });
  });

  it('takes the token that the command prints, and of several at once one wins and is signed in', async () => {
    const env = { MASTER_KEY: test.masterKey.toString('base64') };
    const { stdout } = await promisify(execFile)(process.execPath, [command], { env });
    const emails = ['one@example.test', 'two@example.test', 'three@example.test'];
    const answers = await Promise.all(emails.map((email) => setUp({ email, setupToken: stdout.trim() })));
    const won = answers.filter(({ status }) => status === 201);
    expect(won).toHaveLength(1);
    const lost = answers.filter(({ status }) => status !== 201);
    expect(lost.map(({ status, body }) => [status, (body as { code: string }).code])).toEqual([
      [409, 'setup_done'],
      [409, 'setup_done'],
    ]);
    const { token, user, workspace } = won[0]!.body as { token: string; user: object; workspace: object };
    expect(user).toMatchObject({ role: 'administrator', name: 'Administrator' });
    expect(workspace).toMatchObject({ name: 'First' });
    const session = test.anonymous().get('/v1/users').set('authorization', `Bearer ${token}`);
    expect(((await session.expect(200)).body as { items: object[] }).items).toHaveLength(1);
  });

  it('is done then, and asks nobody for a token any more', async () => {
    await test.anonymous().get('/v1/setup').expect(200, { needed: false });
    await setUp({ setupToken: 'mru_wrong' }).expect(409);
    await setUp().expect(409);
  });
});
