import type { FlowId, FlowVersionId, Json, RunId, StepId, StepPath, WorkspaceId } from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import { compilePlan, nextSteps, openConditions, type ConditionOutcome, type Edge, type FlowDraft } from './index.js';

const ids = { workspaceId: 'w' as WorkspaceId, flowId: 'f' as FlowId, versionId: 'v' as FlowVersionId };
const runId = '01935b1c-8e00-7000-8000-000000000000' as RunId;

/** A plan whose trigger is followed by one step for each edge: a condition, `default` or nothing. */
function planOf(edges: (string | null)[]) {
  const definition: FlowDraft = {
    steps: ['trigger', ...edges.map((_, at) => `s${at}`)].map((id) => ({ id, component: 'c', operation: 'o' })),
    edges: edges.map((edge, at): Edge => ({
      from: 'trigger',
      to: `s${at}`,
      ...(edge === 'default' ? { default: true } : { condition: edge }),
    })),
  };
  return compilePlan(ids, definition);
}

const succeeded = (...outputs: Json[]) => ({
  runId,
  stepId: 'trigger' as StepId,
  path: '' as StepPath,
  outputs,
  carry: { steps: {} },
});

function taken(edges: (string | null)[], ...outputs: Json[]): string[] {
  return nextSteps(planOf(edges), succeeded(...outputs)).map(
    (next) => `${next.step.id} ${next.path}${'undecided' in next ? ' undecided' : ''}`,
  );
}

describe('the edges of a step', () => {
  it.each<[string, (string | null)[], Json, string[]]>([
    ['without conditions are all taken', [null, null], {}, ['s0 0', 's1 0']],
    [
      'are taken whose conditions are true, be it several',
      ['a', 'b', 'c'],
      { a: true, b: false, c: true },
      ['s0 0', 's2 0'],
    ],
    ['without a condition are taken beside those with one', ['a', null], { a: false }, ['s1 0']],
    ['end the branch when no condition is true and none is the default', ['a', 'b'], { a: false, b: false }, []],
    ['are left to the default when no condition is true', ['a', 'default'], { a: false }, ['s1 0']],
    ['leave the default out when a condition is true', ['a', 'default'], { a: true }, ['s0 0']],
    ['without conditions do not count for the default', [null, 'default'], {}, ['s0 0', 's1 0']],
    [
      'are undecided when a condition is neither true nor false',
      ['a', 'b'],
      { a: 'yes' },
      ['s0 0 undecided', 's1 0 undecided'],
    ],
    ['that are undecided are not true for the default', ['a', 'default'], { a: 1 }, ['s0 0 undecided', 's1 0']],
  ])('%s', (_, edges, output, expected) => {
    expect(taken(edges, output)).toEqual(expected);
  });

  it('are decided for each output by itself', () => {
    expect(taken(['a', 'default'], { a: true }, { a: false }, { a: true })).toEqual(['s0 0', 's1 1', 's0 2']);
    expect(taken(['a', 'default'])).toEqual([]);
  });
});

describe('a condition of the whole language', () => {
  const plan = planOf(['n > 1', 'go', 'default']);
  const given = succeeded({ n: 2, go: false }, { n: 0, go: false });

  it('is given to the caller, once for each output, and its outcome decides', () => {
    const open = openConditions(plan, given);
    expect(open.map(({ step, path }) => `${step.id} ${path}`)).toEqual(['s0 0', 's0 1']);
    expect(open[0]).toMatchObject({ condition: { source: 'n > 1' }, context: { output: { n: 2 } } });
    const outcomes: Record<string, ConditionOutcome> = { 0: { ok: true, value: true }, 1: { ok: false, errors: [] } };
    const next = nextSteps(plan, given, (_, path) => outcomes[path]);
    expect(next.map(({ step, path }) => `${step.id} ${path}`)).toEqual(['s0 0', 's0 1', 's2 1']);
    expect(next.map((step) => 'undecided' in step)).toEqual([false, true, false]);
  });

  it('is not passed over', () => {
    expect(() => nextSteps(plan, given)).toThrow(/was not evaluated/);
  });
});

describe('a plan', () => {
  it('has messages carry what conditions below read', () => {
    const definition: FlowDraft = {
      steps: ['a', 'b', 'c'].map((id) => ({ id, component: 'c', operation: 'o' })),
      edges: [
        { from: 'a', to: 'b' },
        { from: 'b', to: 'c', condition: '$steps.a.n > 1 and $request.method = "POST"' },
      ],
    };
    const plan = compilePlan(ids, definition);
    expect(plan.step('b' as StepId)?.carries).toEqual({ steps: [{ id: 'a', members: 'all' }], request: true });
    expect(plan.step('c' as StepId)?.carries).toEqual({ steps: [], request: false });
    expect(plan.trigger).toMatchObject({ branches: false, entry: { kind: 'always' } });
    expect(plan.step('b' as StepId)).toMatchObject({ branches: true });
  });
});
