import { newId, type ComponentDescriptor, type CredentialId, type RpcReply } from '@millrace/contracts';
import { eventually, seedCredential } from '@millrace/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  petstoreDescriptor,
  startComponent,
  useApi,
  type TestComponent,
  type TestUser,
} from '../../test/api.fixture.js';

const test = useApi();
let user: TestUser;
let component: TestComponent;
let answer: () => RpcReply | undefined;

const createPet = petstoreDescriptor.operations.find(({ name }) => name === 'createPet')!;
const tables: ComponentDescriptor = {
  ...petstoreDescriptor,
  name: 'tables',
  operations: [
    {
      ...createPet,
      name: 'addRow',
      title: 'Add a row',
      options: { boards: { dependsOn: ['config.team'], searchable: true } },
      dynamicSchemas: { input: { dependsOn: ['config.board'] } },
    },
  ],
};

beforeAll(async () => {
  component = await startComponent(test, tables, () => answer());
});
afterAll(() => component.close());
beforeEach(async () => {
  user = await test.signedIn();
});

const ask = (what: string, body: object, where = 'tables/operations/addRow') =>
  test.as(user).post(`/v1/components/${where}/${what}`).send(body);

async function credentialOf(workspaceId = user.workspaceId, name = 'tables'): Promise<CredentialId> {
  const id = newId<CredentialId>();
  await seedCredential(test.database, { id, workspaceId, component: name, sealed: 'sealed' });
  return id;
}

describe('the values that a component offers for a field', () => {
  const page = { items: [{ value: 1, label: 'Roadmap' }], nextCursor: 'more' };

  it('are asked of the component, with all that is known of the step', async () => {
    answer = () => ({ ok: true, value: page });
    const credentialId = await credentialOf();
    const known = { config: { team: 'a' }, input: { name: 'x' }, search: 'road', cursor: 'c' };
    await ask('options', { list: 'boards', credentialId, ...known }).expect(200, page);
    expect(component.asked.at(-1)).toEqual({
      call: 'listOptions',
      workspaceId: user.workspaceId,
      operation: 'addRow',
      list: 'boards',
      credential: { id: credentialId, sealed: 'sealed' },
      ...known,
      timeoutMs: 27_000,
    });
    await ask('options', { list: 'boards' }).expect(200, page);
    expect(component.asked.at(-1)).toMatchObject({ credential: null, config: {}, input: {}, search: '', cursor: null });
  });

  it('cannot be had with a credential of another workspace or component', async () => {
    const stranger = await test.signedIn();
    const before = component.asked.length;
    for (const credentialId of [
      await credentialOf(stranger.workspaceId),
      await credentialOf(undefined, 'x'),
      newId(),
    ]) {
      const { body } = await ask('options', { list: 'boards', credentialId }).expect(422);
      expect(body).toMatchObject({ code: 'validation_failed', problems: [{ pointer: '/credentialId' }] });
    }
    expect(component.asked).toHaveLength(before);
  });

  it.each<[RpcReply, number, object]>([
    [
      { ok: false, error: { code: 'field_needed', message: 'Fill in “Team” first', detail: { field: 'config.team' } } },
      422,
      {
        code: 'options_not_loaded',
        detail: 'Fill in “Team” first',
        reason: { code: 'field_needed', message: 'Fill in “Team” first', detail: { field: 'config.team' } },
      },
    ],
    [
      { ok: false, error: { code: 'timeout', message: 'Tables could not list the values within 1 ms', detail: null } },
      504,
      { code: 'component_timeout' },
    ],
    [{ ok: true, value: { items: [{ label: 'x' }] } }, 503, { code: 'component_unavailable' }],
  ])('%j is told as a problem', async (reply, status, problem) => {
    answer = () => reply;
    const { body } = await ask('options', { list: 'boards' }).expect(status);
    expect(body).toMatchObject(problem);
  });

  it.each([
    ['nothing/operations/addRow', 'boards'],
    ['UPPER/operations/addRow', 'boards'],
    ['tables/operations/other', 'boards'],
    ['tables/operations/addRow', 'constructor'],
  ])('are not found for %s, list %s', async (where, list) => {
    const { body } = await ask('options', { list }, where).expect(404);
    expect(body).toMatchObject({ code: 'not_found' });
  });

  it('are asked for by one workspace six at a time, so that others get theirs', async () => {
    answer = () => undefined;
    const before = component.asked.length;
    const waiting = Array.from({ length: 6 }, () =>
      ask('options', { list: 'boards' })
        .timeout(3_000)
        .then(
          () => undefined,
          () => undefined,
        ),
    );
    await eventually(() => expect(component.asked.length).toBe(before + 6));
    const refused = await ask('options', { list: 'boards' }).expect(429);
    expect(refused.headers['retry-after']).toBe('1');
    answer = () => ({ ok: true, value: page });
    const other = await test.signedIn();
    await test.as(other).post('/v1/components/tables/operations/addRow/options').send({ list: 'boards' }).expect(200);
    await Promise.all(waiting);
  });
});

describe('the schema of an input or output', () => {
  it('is asked of the component where it depends on the step', async () => {
    const schema = { type: 'object', properties: { colour: { type: 'string' } } };
    answer = () => ({ ok: true, value: { schema } });
    await ask('schema', { of: 'input', config: { board: 'b' } }).expect(200, { schema });
    expect(component.asked.at(-1)).toMatchObject({ call: 'readSchema', of: 'input', config: { board: 'b' } });
  });

  it('is the one of the descriptor where it does not', async () => {
    const before = component.asked.length;
    await ask('schema', { of: 'output' }).expect(200, { schema: createPet.output });
    expect(component.asked).toHaveLength(before);
  });

  it('is refused with the reason of the component', async () => {
    answer = () => ({ ok: false, error: { code: 'refused', message: 'No such board', detail: null } });
    const { body } = await ask('schema', { of: 'input' }).expect(422);
    expect(body).toMatchObject({ code: 'schema_not_loaded', detail: 'No such board' });
    await ask('schema', { of: 'both' }).expect(422);
  });
});
