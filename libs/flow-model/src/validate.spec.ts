import type { ComponentDescriptor } from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import { validateDraft, type Catalogue, type FlowDraft } from './index.js';

const object = (properties: Record<string, object>, required: string[]) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

function descriptor(name: string, kind: 'trigger' | 'action', operation: string, input: object): ComponentDescriptor {
  const common = { description: '', idempotency: 'none', output: {}, retrievesSample: false, config: object({}, []) };
  return {
    name,
    title: name.toUpperCase(),
    description: '',
    version: '1.0.0',
    credentials: { fields: {}, required: true, verifies: false },
    operations: [{ ...common, name: operation, title: operation, kind, input } as ComponentDescriptor['operations'][0]],
  };
}

const components: Record<string, ComponentDescriptor> = {
  webhook: descriptor('webhook', 'trigger', 'receive', {}),
  petstore: descriptor(
    'petstore',
    'action',
    'createPet',
    object({ name: { title: 'Name' }, status: {} }, ['name', 'status']),
  ),
};
const credentials: Record<string, string> = { 'cred-w': 'webhook', 'cred-p': 'petstore' };
const catalogue: Catalogue = { component: (name) => components[name], credentialComponent: (id) => credentials[id] };

function tutorial(): FlowDraft {
  return {
    steps: [
      { id: 'step_1', component: 'webhook', operation: 'receive', credentialId: 'cred-w', config: {} },
      {
        id: 'step_2',
        component: 'petstore',
        operation: 'createPet',
        credentialId: 'cred-p',
        mapping: { name: 'petname', status: 'petstatus' },
      },
    ],
    edges: [{ from: 'step_1', to: 'step_2', condition: null }],
  };
}

function problemsOf(change: (draft: FlowDraft) => void): { pointer: string; code: string }[] {
  const draft = tutorial();
  change(draft);
  return validateDraft(draft, catalogue).map(({ pointer, code }) => ({ pointer, code }));
}

describe('fields that a component computes', () => {
  const input = { ...object({ name: {} }, ['name']), additionalProperties: {} };
  const described = descriptor('petstore', 'action', 'createPet', input);
  const [operation] = described.operations;
  const dynamic = { ...described, operations: [{ ...operation!, dynamicSchemas: { input: { dependsOn: [] } } }] };
  const problems = (mapping: Record<string, string>) => {
    const draft = tutorial();
    draft.steps[1]!.mapping = mapping;
    const component = (name: string) => (name === 'petstore' ? dynamic : components[name]);
    return validateDraft(draft, { ...catalogue, component }).map(({ pointer, code }) => ({ pointer, code }));
  };

  it('are taken as they are, while those that are always there are checked', () => {
    expect(problems({ name: 'petname', colour: 'petcolour' })).toEqual([]);
    expect(problems({ colour: '(' })).toEqual([
      { pointer: '/steps/1/mapping/colour', code: 'invalid_expression' },
      { pointer: '/steps/1/mapping/name', code: 'field_missing' },
    ]);
  });
});

describe('the draft of the tutorial', () => {
  it('has no problem', () => {
    expect(validateDraft(tutorial(), catalogue)).toEqual([]);
  });

  it('has none when its mapping uses the whole language', () => {
    const mapping = { name: '$uppercase(petname)', status: '$steps.step_1[age > 2].status & $uuid()' };
    expect(problemsOf((draft) => (draft.steps[1]!.mapping = mapping))).toEqual([]);
  });

  it('has none when its step is tried several times by its own policy', () => {
    expect(problemsOf((draft) => (draft.steps[1]!.retry = { maxAttempts: 5, factor: 1.5 }))).toEqual([]);
  });
});

describe('a draft whose edges have conditions', () => {
  it('has no problem when they can be true or false, and one of each step is the default', () => {
    const problems = problemsOf((draft) => {
      draft.edges[0]!.condition = '$steps.step_1.petstatus = "sold" and $request.method = "POST"';
      draft.steps.push({ ...draft.steps[1]!, id: 'step_3' }, { ...draft.steps[1]!, id: 'step_4' });
      draft.edges.push(
        { from: 'step_1', to: 'step_3', default: true },
        { from: 'step_2', to: 'step_4', default: true },
      );
    });
    expect(problems).toEqual([]);
  });
});

describe('a draft', () => {
  it.each<[string, (draft: FlowDraft) => void, string, string]>([
    ['without a step', (d) => (d.steps = d.edges = []), '/steps', 'no_trigger'],
    [
      'that begins with an action',
      (d) => Object.assign(d.steps[0]!, { ...d.steps[1], id: 'step_1' }),
      '/steps/0/operation',
      'no_trigger',
    ],
    [
      'with a second trigger',
      (d) => Object.assign(d.steps[1]!, { ...d.steps[0], id: 'step_2' }),
      '/steps/1/operation',
      'action_expected',
    ],
    ['with an unknown component', (d) => (d.steps[1]!.component = 'fax'), '/steps/1/component', 'unknown_component'],
    ['with no component chosen', (d) => (d.steps[1]!.component = null), '/steps/1/component', 'component_missing'],
    ['with an unknown operation', (d) => (d.steps[1]!.operation = 'fly'), '/steps/1/operation', 'unknown_operation'],
    ['with no operation chosen', (d) => delete d.steps[1]!.operation, '/steps/1/operation', 'operation_missing'],
    [
      'without a needed credential',
      (d) => (d.steps[1]!.credentialId = null),
      '/steps/1/credentialId',
      'credential_missing',
    ],
    [
      'with a deleted credential',
      (d) => (d.steps[1]!.credentialId = 'x'),
      '/steps/1/credentialId',
      'unknown_credential',
    ],
    [
      'with a credential of another component',
      (d) => (d.steps[1]!.credentialId = 'cred-w'),
      '/steps/1/credentialId',
      'wrong_credential',
    ],
    [
      'without a required field',
      (d) => (d.steps[1]!.mapping = { name: 'petname' }),
      '/steps/1/mapping/status',
      'field_missing',
    ],
    [
      'with an unknown field',
      (d) => Object.assign(d.steps[1]!.mapping!, { age: '3' }),
      '/steps/1/mapping/age',
      'unknown_field',
    ],
    ['with unknown configuration', (d) => (d.steps[0]!.config = { x: 1 }), '/steps/0/config/x', 'unknown_field'],
    [
      'with a broken expression',
      (d) => Object.assign(d.steps[1]!.mapping!, { name: 'a..b' }),
      '/steps/1/mapping/name',
      'invalid_expression',
    ],
    [
      'with a broken expression of the whole language, deep in a mapping',
      (d) => Object.assign(d.steps[1]!.mapping!, { name: { first: ['petname', '$sum(lines.price'] } }),
      '/steps/1/mapping/name/first/1',
      'invalid_expression',
    ],
    [
      'with a function that does not exist',
      (d) => Object.assign(d.steps[1]!.mapping!, { name: '$summ(lines.price)' }),
      '/steps/1/mapping/name',
      'invalid_expression',
    ],
    [
      'that reads a step that does not come before, in a function',
      (d) => Object.assign(d.steps[1]!.mapping!, { name: '$uppercase($steps.step_2.x)' }),
      '/steps/1/mapping',
      'unknown_output',
    ],
    [
      'that reads a step that does not come before',
      (d) => Object.assign(d.steps[1]!.mapping!, { name: '$steps.step_2.x' }),
      '/steps/1/mapping',
      'unknown_output',
    ],
    ['with an edge to nowhere', (d) => d.edges.push({ from: 'step_2', to: 'step_9' }), '/edges/1/to', 'unknown_step'],
    ['with a step used twice', (d) => d.steps.push({ ...d.steps[1]! }), '/steps/2/id', 'duplicate_step'],
    ['with a step that nothing leads to', (d) => (d.edges = []), '/steps/1', 'unreachable_step'],
    [
      'with a step after two others',
      (d) => d.edges.push({ from: 'step_2', to: 'step_2' }),
      '/edges/1/to',
      'several_parents',
    ],
    ['with a broken condition', (d) => (d.edges[0]!.condition = 'x ='), '/edges/0/condition', 'invalid_expression'],
    ['with an empty condition', (d) => (d.edges[0]!.condition = ''), '/edges/0/condition', 'invalid_expression'],
    [
      'with a condition that is never true or false',
      (d) => (d.edges[0]!.condition = '"sold"'),
      '/edges/0/condition',
      'condition_not_boolean',
    ],
    [
      'with a condition that reads a step that does not come before',
      (d) => (d.edges[0]!.condition = '$steps.step_2.id = 1'),
      '/edges/0/condition',
      'unknown_output',
    ],
    [
      'with a default that has a condition',
      (d) => Object.assign(d.edges[0]!, { condition: 'x = 1', default: true }),
      '/edges/0/default',
      'default_with_condition',
    ],
    [
      'with several defaults of a step',
      (d) => {
        d.edges[0]!.default = true;
        d.steps.push({ ...d.steps[1]!, id: 'step_3' });
        d.edges.push({ from: 'step_1', to: 'step_3', default: true });
      },
      '/edges/1/default',
      'several_defaults',
    ],
  ])('%s is refused with its place', (_, change, pointer, code) => {
    expect(problemsOf(change)).toContainEqual({ pointer, code });
  });

  it('needs no credential for an operation that says so, though its component needs one', () => {
    const reply = { ...components['petstore']!.operations[0]!, name: 'reply', needsCredential: false };
    const petstore = { ...components['petstore']!, operations: [reply] };
    const draft = tutorial();
    Object.assign(draft.steps[1]!, { operation: 'reply', credentialId: null });
    const withReply = { ...catalogue, component: (name: string) => ({ ...components, petstore })[name] };
    expect(validateDraft(draft, withReply)).toEqual([]);
  });

  it('whose steps go round in a circle names every step of the circle', () => {
    const problems = problemsOf((draft) => {
      draft.edges.push({ from: 'step_2', to: 'step_1' });
    });
    expect(problems).toContainEqual({ pointer: '/steps/0', code: 'cycle' });
    expect(problems).toContainEqual({ pointer: '/steps/1', code: 'cycle' });
  });

  it('names a missing field by the label that the form shows', () => {
    const draft = tutorial();
    draft.steps[1]!.mapping = { status: 'petstatus' };
    expect(validateDraft(draft, catalogue)[0]?.message).toContain('“Name”');
  });
});

describe('the settings of a draft', () => {
  it('have no problem when their key reads the body and the request', () => {
    expect(
      problemsOf((draft) => (draft.settings = { concurrency: 3, order: { key: 'shop & $request.query.id' } })),
    ).toEqual([]);
  });

  it.each([
    ['is no expression', 'shop.(', 'invalid_expression'],
    ['reads a step, of which none has run', '$steps.step_1.shop', 'unknown_output'],
    ['reads all steps', '$count($keys($steps))', 'unknown_output'],
  ])('have a problem when their key %s', (_what, key, code) => {
    expect(problemsOf((draft) => (draft.settings = { order: { key } }))).toEqual([
      { pointer: '/settings/order/key', code },
    ]);
  });
});
