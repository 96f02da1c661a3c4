import { describe, expect, it } from 'vitest';
import type { Component, Operation } from '../../../api/schema.generated.js';
import { firstStage, nextStage, previousStage, stageOfField, stagesOf, type StageInput } from './stages.js';

const operation = (name: string, rest: Partial<Operation> = {}): Operation => ({
  name,
  title: name,
  description: '',
  kind: 'action',
  idempotency: 'none',
  config: {},
  input: {},
  output: {},
  retrievesSample: false,
  ...rest,
});
const component = (operations: Operation[], credentials: Component['credentials'] = null): Component => ({
  name: 'c',
  title: 'C',
  description: '',
  version: '1',
  credentials,
  operations,
  status: 'available',
  lastSeenAt: '',
});
const required = { fields: {}, required: true, verifies: true };
const receive = operation('receive', { kind: 'trigger', triggerType: 'webhook' });
const webhook = component([receive, operation('send'), operation('reply', { needsCredential: false })], required);
const input = (step: Partial<StageInput['step']>, rest: Partial<StageInput> = {}): StageInput => ({
  step: { id: 'step_1', ...step },
  isTrigger: false,
  component: webhook,
  operation: webhook.operations.find(({ name }) => name === step.operation),
  ...rest,
});

describe('the stages of a step', () => {
  it('begin with the component, and pass over what is no choice', () => {
    expect(stagesOf(input({}, { component: undefined }))).toEqual(['component']);
    expect(stagesOf(input({ operation: 'receive' }, { isTrigger: true }))).toEqual([
      'component',
      'credential',
      'fields',
      'sample',
      'summary',
    ]);
    expect(stagesOf(input({}))).toContain('operation');
    expect(stagesOf(input({ operation: 'send' }, { component: component([operation('send')]) }))).toEqual([
      'component',
      'fields',
      'sample',
      'summary',
    ]);
  });

  it('open at the first that is not settled, and at the summary when all are', () => {
    expect(firstStage(input({}, { component: undefined }), [])).toBe('component');
    expect(firstStage(input({}), [])).toBe('operation');
    expect(firstStage(input({ operation: 'send' }), [])).toBe('credential');
    expect(firstStage(input({ operation: 'reply' }), ['/mapping/status'])).toBe('fields');
    expect(firstStage(input({ operation: 'send', credentialId: 'x' }), [])).toBe('summary');
  });

  it('lead a webhook without settings past its configuration, and there and back on demand', () => {
    const trigger = input({ operation: 'receive' }, { isTrigger: true });
    expect(nextStage('credential', trigger)).toBe('sample');
    expect(nextStage('fields', trigger)).toBe('sample');
    expect(previousStage('sample', trigger)).toBe('fields');
    expect(previousStage('component', trigger)).toBeUndefined();
    expect(nextStage('credential', input({ operation: 'send' }))).toBe('fields');
    expect(nextStage('summary', trigger)).toBe('summary');
  });
});

it.each([
  ['/component', 'component'],
  ['/credentialId', 'credential'],
  ['/mapping/a/b', 'fields'],
  ['/config', 'fields'],
  ['/condition', 'fields'],
  ['/schedule/cron', 'fields'],
  ['/note', 'summary'],
])('a problem at %s is mended at the stage %s', (field, stage) => {
  expect(stageOfField(field)).toBe(stage);
});
