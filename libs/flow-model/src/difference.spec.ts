import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differenceOf } from './difference.js';
import type { FlowDraft } from './draft.js';

const tutorial: FlowDraft = {
  steps: [
    { id: 'step_1', component: 'webhook', operation: 'receive', config: {} },
    { id: 'step_2', component: 'petstore', operation: 'createPet', mapping: { name: 'petname', tags: ['a', 'b'] } },
  ],
  edges: [{ from: 'step_1', to: 'step_2' }],
};
const nothing = { steps: [], edges: [], fields: [] };

function changed(change: (draft: FlowDraft) => void): FlowDraft {
  const copy = structuredClone(tutorial);
  change(copy);
  return copy;
}

describe('the difference between two definitions', () => {
  it('is nothing between equal ones, also when steps stand in another order', () => {
    expect(differenceOf(tutorial, structuredClone(tutorial))).toEqual(nothing);
    expect(differenceOf(tutorial, { ...tutorial, steps: tutorial.steps.toReversed() })).toEqual(nothing);
  });

  it('names each place of a step that changed, with what stood and stands there', () => {
    const after = changed(({ steps: [, step] }) => {
      if (!step) return;
      step.mapping = { name: 'title', tags: ['a'], 'a/b': null };
      step.retry = { maxAttempts: 5 };
      delete step.operation;
    });
    expect(differenceOf(tutorial, after)).toEqual({
      ...nothing,
      steps: [
        {
          id: 'step_2',
          change: 'changed',
          fields: [
            { pointer: '/operation', before: 'createPet' },
            { pointer: '/mapping/name', before: 'petname', after: 'title' },
            { pointer: '/mapping/tags', before: ['a', 'b'], after: ['a'] },
            { pointer: '/mapping/a~1b', after: null },
            { pointer: '/retry', after: { maxAttempts: 5 } },
          ],
        },
      ],
    });
  });

  it('tells steps and edges that came from those that went', () => {
    const after = changed((draft) => {
      draft.steps[1] = { id: 'step_3' };
      draft.edges = [{ from: 'step_1', to: 'step_3', condition: 'a > 1' }];
    });
    expect(differenceOf(tutorial, after)).toEqual({
      steps: [
        { id: 'step_3', change: 'added', fields: [] },
        { id: 'step_2', change: 'removed', fields: [] },
      ],
      edges: [
        { from: 'step_1', to: 'step_3', change: 'added', fields: [] },
        { from: 'step_1', to: 'step_2', change: 'removed', fields: [] },
      ],
      fields: [],
    });
  });

  it('names the condition of an edge that changed', () => {
    const after = changed(({ edges: [edge] }) => {
      if (edge) edge.condition = 'true';
    });
    expect(differenceOf(tutorial, after).edges).toEqual([
      { from: 'step_1', to: 'step_2', change: 'changed', fields: [{ pointer: '/condition', after: 'true' }] },
    ]);
  });

  it('is empty for the same content and never for another', () => {
    const config = fc.dictionary(fc.string(), fc.jsonValue() as fc.Arbitrary<never>);
    fc.assert(
      fc.property(config, config, (one, other) => {
        const with_ = (value: typeof one): FlowDraft => ({ steps: [{ id: 'a', config: value }], edges: [] });
        const same = canonical(one) === canonical(other);
        expect(differenceOf(with_(one), with_(other)).steps.length === 0).toBe(same);
        expect(differenceOf(with_(one), with_(structuredClone(one)))).toEqual(nothing);
      }),
    );
  });
});

/** Equal texts mean equal content, whatever the order of members. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
