import type { FlowId, FlowVersionId, RunId, StepId, StepPath, WorkspaceId } from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import { carryFor, compilePlan, inputOf, nextSteps, type FlowDraft } from './index.js';

const ids = { workspaceId: 'w' as WorkspaceId, flowId: 'f' as FlowId, versionId: 'v' as FlowVersionId };
const runId = '01935b1c-8e00-7000-8000-000000000000' as RunId;
const step = (id: string, mapping: Record<string, string> = {}) => ({ id, component: 'c', operation: 'o', mapping });

// step_1 ─ step_2 ─ step_3
//        └ step_4
const definition: FlowDraft = {
  steps: [
    step('step_1'),
    step('step_2', { name: 'petname' }),
    step('step_3', { first: '$steps.step_1.petname', page: '$request.query.page', when: '$run.startedAt' }),
    step('step_4', { both: '$' }),
  ],
  edges: [
    { from: 'step_1', to: 'step_2' },
    { from: 'step_2', to: 'step_3' },
    { from: 'step_1', to: 'step_4' },
  ],
};
const plan = compilePlan(ids, definition);

function follow(stepId: string, path: string, outputs: { [key: string]: string }[], carry = {}) {
  const succeeded = {
    runId,
    stepId: stepId as StepId,
    path: path as StepPath,
    outputs,
    carry: { steps: {}, ...carry },
  };
  return nextSteps(plan, succeeded).map(({ step: { id }, path: at, carry: on, ...rest }) => ({
    id,
    path: at,
    ...('input' in rest && { input: rest.input }),
    carry: on,
  }));
}

describe('the steps that follow', () => {
  it('are all children, with mapped input and only what the steps below still read', () => {
    const request = { query: { page: '2' } };
    expect(follow('step_1', '', [{ petname: 'Gromit' }], { request })).toEqual([
      {
        id: 'step_2',
        path: '0',
        input: { name: 'Gromit' },
        carry: { steps: { step_1: { petname: 'Gromit' } }, request },
      },
      { id: 'step_4', path: '0', input: { both: { petname: 'Gromit' } }, carry: { steps: {} } },
    ]);
  });

  it('come once for each output, told apart by their paths', () => {
    expect(follow('step_2', '3', [{ a: '1' }, { a: '2' }]).map(({ id, path }) => ({ id, path }))).toEqual([
      { id: 'step_3', path: '3.0' },
      { id: 'step_3', path: '3.1' },
    ]);
  });

  it('read earlier outputs, the request and the time in the run id', () => {
    const carry = { steps: { step_1: { petname: 'Gromit' } }, request: { query: { page: '2' } } };
    expect(follow('step_2', '0', [{}], carry)[0]?.input).toEqual({
      first: 'Gromit',
      page: '2',
      when: '2024-11-23T22:20:18.304Z',
    });
  });

  it('are none after a step without output, and none at the end of a branch', () => {
    expect(follow('step_2', '0', [])).toEqual([]);
    expect(follow('step_3', '0.0', [{}])).toEqual([]);
  });

  it('carry nothing that is not known', () => {
    expect(carryFor(plan.step('step_2' as StepId)!, {}, {})).toEqual({ steps: {} });
  });

  it('carry to every one of them who waits for the answer', () => {
    const replyTo = 'replies.a';
    expect(follow('step_1', '', [{}], { replyTo }).map(({ carry }) => carry)).toMatchObject([{ replyTo }, { replyTo }]);
    expect(follow('step_2', '0', [{}], { replyTo }).map(({ carry }) => carry)).toEqual([{ steps: {}, replyTo }]);
  });
});

describe('a step whose mapping needs the sandbox', () => {
  const full = { greeting: '"Hello " & petname', first: '$steps.step_1.petname' };
  const steps = definition.steps.map((draft) => (draft.id === 'step_2' ? { ...draft, mapping: full } : draft));
  const sandboxed = compilePlan(ids, { ...definition, steps });
  const succeeded = {
    runId,
    stepId: 'step_1' as StepId,
    path: '' as StepPath,
    outputs: [{ petname: 'Gromit' }, { petname: 'Feathers' }],
    carry: { steps: {} },
  };

  it('comes without an input, with what its mapping is to be evaluated on; its siblings are mapped', () => {
    const [first, sibling, second] = nextSteps(sandboxed, succeeded);
    expect(first).toMatchObject({
      step: { id: 'step_2', sandboxed: true },
      path: '0',
      carry: { steps: { step_1: { petname: 'Gromit' } } },
      context: { output: { petname: 'Gromit' }, steps: { step_1: { petname: 'Gromit' } }, run: { flowId: 'f' } },
    });
    expect(first).not.toHaveProperty('input');
    expect(sibling).toMatchObject({ step: { id: 'step_4', sandboxed: false }, input: { both: { petname: 'Gromit' } } });
    expect(sibling).not.toHaveProperty('context');
    expect(second).toMatchObject({ path: '1', context: { output: { petname: 'Feathers' } } });
  });

  it('gets an empty input where its mapping has no value', () => {
    expect([undefined, null, 0, ''].map(inputOf)).toEqual([{}, {}, 0, '']);
  });
});

describe('a plan', () => {
  it('says which steps answer the caller', () => {
    expect(plan.replies).toBe(false);
    const steps = definition.steps.map((draft) =>
      draft.id === 'step_4' ? { ...draft, component: 'webhook', operation: 'reply' } : draft,
    );
    expect(compilePlan(ids, { ...definition, steps })).toMatchObject({ replies: true, replySteps: ['step_4'] });
  });

  it('is not made of a definition that has no tree', () => {
    expect(() => compilePlan(ids, { ...definition, edges: [] })).toThrow(/not connected/);
  });
});
