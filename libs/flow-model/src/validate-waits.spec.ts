import type {
  ComponentDescriptor,
  FlowId,
  FlowVersionId,
  Json,
  OperationDescriptor,
  StepId,
  WorkspaceId,
} from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import type { DraftStep, FlowDraft } from './draft.js';
import { compilePlan } from './plan.js';
import { validateDraft } from './validate.js';

const operation = (name: string, more: Partial<OperationDescriptor> = {}): OperationDescriptor => ({
  name,
  title: name,
  description: '',
  kind: 'action',
  idempotency: 'natural',
  config: { type: 'object' },
  input: { type: 'object' },
  output: {},
  retrievesSample: false,
  ...more,
});

const webhook: ComponentDescriptor = {
  name: 'webhook',
  title: 'Webhook',
  description: '',
  version: '1.0.0',
  credentials: null,
  operations: [
    operation('receive', { kind: 'trigger', triggerType: 'webhook' }),
    operation('wait', { waits: true }),
    operation('send'),
  ],
};
const catalogue = {
  component: (name: string) => (name === 'webhook' ? webhook : undefined),
  credentialComponent: () => 'webhook',
};

/** Trigger, then step_2 with the mapping, then step_3 that waits, then step_4; step_5 waits on a branch of its own. */
function draft(mapping: Json, more: { condition?: string; wait?: Partial<DraftStep> } = {}): FlowDraft {
  const step = (id: string, name: string, rest: Partial<DraftStep> = {}) => ({
    id,
    component: 'webhook',
    operation: name,
    ...rest,
  });
  return {
    steps: [
      step('step_1', 'receive'),
      step('step_2', 'send', { mapping }),
      step('step_3', 'wait', more.wait),
      step('step_4', 'send'),
      step('step_5', 'wait'),
    ],
    edges: [
      { from: 'step_1', to: 'step_2', condition: more.condition },
      { from: 'step_2', to: 'step_3' },
      { from: 'step_3', to: 'step_4' },
      { from: 'step_1', to: 'step_5' },
    ],
  };
}

const problems = (...given: Parameters<typeof draft>): unknown[] =>
  validateDraft(draft(...given), catalogue).map(({ pointer, code }) => [pointer, code]);

describe('$resumeUrl in a draft', () => {
  it('may name a step that waits below, in a mapping and in a condition', () => {
    expect(problems({ a: '$resumeUrl("step_3")' })).toEqual([]);
    expect(problems({}, { condition: '$length($resumeUrl("step_3")) > 3' })).toEqual([]);
  });

  it('may name what only the run tells', () => {
    expect(problems({ a: '$resumeUrl("step_" & n)', b: '"step_3" ~> $resumeUrl' })).toEqual([]);
  });

  it.each([
    ['does not exist', 'step_9'],
    ['does not wait', 'step_4'],
    ['is the step itself', 'step_2'],
    ['comes before', 'step_1'],
    ['waits on another branch', 'step_5'],
  ])('is a problem with its place when the step %s', (_, step) => {
    expect(problems({ a: { b: ['1', `$resumeUrl("${step}") & ""`] } })).toEqual([
      ['/steps/1/mapping/a/b/1', 'unknown_wait'],
    ]);
    expect(problems({}, { condition: `$exists($resumeUrl("${step}"))` })).toEqual([
      ['/edges/0/condition', 'unknown_wait'],
    ]);
  });
});

describe('the settings of a step that waits', () => {
  it('need a credential where its callers shall prove who they are with it', () => {
    const config = { authentication: 'own' };
    expect(problems({}, { wait: { config } })).toEqual([['/steps/2/credentialId', 'credential_missing']]);
    expect(problems({}, { wait: { config, credentialId: 'c' } })).toEqual([]);
  });

  it('have a number of calls only where there may be several', () => {
    expect(problems({}, { wait: { config: { maxCalls: 2 } } })).toEqual([
      ['/steps/2/config/maxCalls', 'invalid_value'],
    ]);
    expect(problems({}, { wait: { config: { maxCalls: 2, uses: 'repeated' } } })).toEqual([]);
  });
});

describe('a plan', () => {
  const ids = { workspaceId: 'w' as WorkspaceId, flowId: 'f' as FlowId, versionId: 'v' as FlowVersionId };
  const resumes = (...given: Parameters<typeof draft>) =>
    compilePlan(ids, draft(...given)).step('step_2' as StepId)?.resumes;

  it('knows of each step whose resume URLs it may ask for', () => {
    expect(resumes({ a: 'name' })).toEqual([]);
    expect(resumes({ a: '$resumeUrl("step_3")' })).toEqual(['step_3']);
    expect(resumes({}, { condition: '$resumeUrl("step_3") = "x"' })).toEqual(['step_3']);
    expect(resumes({ a: '$resumeUrl(which)' })).toEqual(['step_3']);
    expect(resumes({ a: '$eval(text)' })).toEqual(['step_3']);
  });
});
