import {
  newId,
  type FlowId,
  type FlowVersionId,
  type Json,
  type RunId,
  type StepId,
  type StepPath,
  type WorkspaceId,
} from '@millrace/contracts';
import { evaluateMapping } from '@millrace/mapping';
import { describe, expect, it } from 'vitest';
import { branchOf, contextOnBranch, emissionOf } from './branch.js';
import { nextSteps } from './next-steps.js';
import { compilePlan } from './plan.js';

const ids = { workspaceId: newId<WorkspaceId>(), flowId: newId<FlowId>(), versionId: newId<FlowVersionId>() };
const step = (id: string, mapping?: Json) => ({
  id,
  component: 'petstore',
  operation: 'createPet',
  ...(mapping && { mapping }),
});
const plan = compilePlan(ids, {
  steps: [
    step('a'),
    step('b'),
    step('c', { own: 'id', first: '$steps.a.name', page: '$request.page', run: '$run.id' }),
  ],
  edges: [
    { from: 'a', to: 'b' },
    { from: 'b', to: 'c' },
  ],
});
const third = plan.step('c' as StepId)!;

describe('a branch', () => {
  it('leads from the trigger down to the parent, each with the output that is followed', () => {
    expect(branchOf(third, '2.13' as StepPath)).toEqual([
      { stepId: 'a', path: '', emission: 2 },
      { stepId: 'b', path: '2', emission: 13 },
    ]);
    expect(branchOf(plan.trigger, '' as StepPath)).toEqual([]);
  });

  it('gives a mapping the context that it had when the step was first reached', () => {
    const runId = newId<RunId>();
    const known = { a: { name: 'Gromit' }, b: { id: 7 } };
    const request = { page: 2 };
    const [next] = nextSteps(plan, {
      runId,
      stepId: 'b' as StepId,
      path: '0' as StepPath,
      outputs: [known.b],
      carry: { steps: { a: known.a }, request },
    });
    const context = contextOnBranch(plan, third, { runId, known, request });
    expect(evaluateMapping(third.mapping, context)).toEqual(next && 'input' in next && next.input);
  });
});

it('an output of a row is the only one, or one of the list', () => {
  expect(emissionOf({ output: [1, 2], outputCount: 1 }, 0)).toEqual([1, 2]);
  expect(emissionOf({ output: [1, 2], outputCount: 2 }, 1)).toBe(2);
  expect(emissionOf({ output: [1, 2], outputCount: 2 }, 5)).toBeNull();
  expect(emissionOf({ output: null, outputCount: null }, 0)).toBeNull();
});
