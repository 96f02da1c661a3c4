import { readTree, type FlowDraft } from '@millrace/flow-model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addAfter,
  addBetween,
  addBranch,
  addTrigger,
  changeEdge,
  changeSettings,
  changeStep,
  removeBranch,
  removeStep,
} from './edits.js';
import { moveAfter, moveStep, type Direction } from './moves.js';
import { createStepIds } from './step-ids.js';

const chain: FlowDraft = {
  steps: [{ id: 'step_1' }, { id: 'step_2' }, { id: 'step_3' }],
  edges: [
    { from: 'step_1', to: 'step_2', condition: 'amount > 5' },
    { from: 'step_2', to: 'step_3' },
  ],
};

describe('editing a draft', () => {
  it('begins with the trigger, of which there is one', () => {
    const draft = addTrigger({ steps: [], edges: [] }, 'step_1');
    expect(draft.steps).toEqual([{ id: 'step_1' }]);
    expect(addTrigger(draft, 'step_2')).toBe(draft);
  });

  it('puts a step on an edge and leaves the condition above it', () => {
    const { edges } = addBetween(chain, { from: 'step_1', to: 'step_2' }, 'step_4');
    expect(edges).toEqual([
      { from: 'step_1', to: 'step_4', condition: 'amount > 5' },
      { from: 'step_4', to: 'step_2' },
      { from: 'step_2', to: 'step_3' },
    ]);
  });

  it('adds after a leaf below it, in a chain between, and where it branches as a further branch', () => {
    expect(readTree(addAfter(chain, 'step_3', 'step_4')).tree.childrenOf('step_3')).toEqual(['step_4']);
    expect(readTree(addAfter(chain, 'step_1', 'step_4')).tree.childrenOf('step_4')).toEqual(['step_2']);
    const branched = addBranch(chain, 'step_1', 'step_4');
    expect(readTree(addAfter(branched, 'step_1', 'step_5')).tree.childrenOf('step_1')).toEqual([
      'step_2',
      'step_4',
      'step_5',
    ]);
  });

  it('lets the steps after a deleted one follow the one before it, under the condition that led there', () => {
    expect(removeStep(chain, 'step_2')).toEqual({
      steps: [{ id: 'step_1' }, { id: 'step_3' }],
      edges: [{ from: 'step_1', to: 'step_3', condition: 'amount > 5' }],
    });
  });

  it('empties a trigger that others follow, and deletes one that stands alone', () => {
    const withTrigger = changeStep(chain, 'step_1', { component: 'webhook', operation: 'receive' });
    expect(removeStep(withTrigger, 'step_1')).toEqual(chain);
    expect(removeStep({ steps: [{ id: 'step_1' }], edges: [] }, 'step_1').steps).toEqual([]);
  });

  it('deletes a step with everything below it', () => {
    expect(removeBranch(chain, 'step_2')).toEqual({ steps: [{ id: 'step_1' }], edges: [] });
  });

  it('takes members away that are set to undefined, and never changes an id', () => {
    const named = changeStep(chain, 'step_2', { name: 'Create the pet', note: 'x' });
    const changed = changeStep(named, 'step_2', (step) => ({ ...step, id: 'other', note: undefined }));
    expect(changed.steps[1]).toEqual({ id: 'step_2', name: 'Create the pet' });
    expect(changeStep(chain, 'step_9', { name: 'x' })).toBe(chain);
  });

  it('sets conditions and defaults of edges, and settings of the flow', () => {
    const ends = { from: 'step_1', to: 'step_2' };
    const byDefault = changeEdge(chain, ends, { condition: undefined, default: true });
    expect(byDefault.edges[0]).toEqual({ ...ends, default: true });
    expect(changeSettings(chain, { concurrency: 2 }).settings).toEqual({ concurrency: 2 });
    expect(changeSettings({ ...chain, settings: { concurrency: 2 } }, { concurrency: undefined })).toEqual(chain);
  });
});

describe('moving steps', () => {
  it('swaps a step with the one before it, and conditions stay at their places', () => {
    const moved = moveStep(chain, 'step_3', 'up');
    expect(moved.edges).toEqual([
      { from: 'step_1', to: 'step_3', condition: 'amount > 5' },
      { from: 'step_3', to: 'step_2' },
    ]);
    expect(moveStep(moved, 'step_3', 'down').edges).toEqual(chain.edges);
  });

  it('keeps the trigger first', () => {
    expect(moveStep(chain, 'step_2', 'up')).toBe(chain);
    expect(moveStep(chain, 'step_1', 'down')).toBe(chain);
  });

  it('swaps branches beside each other', () => {
    const draft = addBranch(chain, 'step_1', 'step_4');
    const moved = moveStep(draft, 'step_4', 'left');
    expect(readTree(moved).tree.childrenOf('step_1')).toEqual(['step_4', 'step_2']);
    expect(moveStep(draft, 'step_4', 'right')).toBe(draft);
  });

  it('puts a step after any other one, and those that followed it move up', () => {
    const branched = addBranch(chain, 'step_1', 'step_4');
    const moved = moveAfter(branched, 'step_2', 'step_4');
    expect(moved.edges.map(({ from, to }) => `${from} ${to}`).toSorted()).toEqual([
      'step_1 step_3',
      'step_1 step_4',
      'step_4 step_2',
    ]);
    expect(moved.steps).toBe(branched.steps);
    expect(moveAfter(chain, 'step_2', 'step_3').edges.map(({ from, to }) => `${from} ${to}`)).toEqual([
      'step_1 step_3',
      'step_3 step_2',
    ]);
    for (const [step, target] of [
      ['step_1', 'step_2'],
      ['step_2', 'step_1'],
      ['step_2', 'step_2'],
      ['step_9', 'step_1'],
    ]) {
      expect(moveAfter(chain, step ?? '', target ?? '')).toBe(chain);
    }
  });
});

const directions: Direction[] = ['up', 'down', 'left', 'right'];

it('stays one tree of unique steps whatever is done', () => {
  const act = fc.tuple(fc.nat({ max: 8 }), fc.nat(), fc.nat({ max: 3 }));
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const ids = createStepIds();
      const given = new Set<string>();
      let draft: FlowDraft = addTrigger({ steps: [], edges: [] }, ids.take());
      for (const [kind, which, direction] of acts) {
        const id = draft.steps[which % Math.max(draft.steps.length, 1)]?.id ?? '';
        const edge = draft.edges[which % Math.max(draft.edges.length, 1)];
        if (kind <= 1) draft = addAfter(draft, id, ids.take());
        else if (kind === 2) draft = addBranch(draft, id, ids.take());
        else if (kind === 3 && edge) draft = addBetween(draft, edge, ids.take());
        else if (kind === 4 && draft.steps.length > 1) draft = removeStep(draft, id);
        else if (kind === 5 && id !== draft.steps[0]?.id) draft = removeBranch(draft, id);
        else if (kind === 6) draft = moveAfter(draft, id, draft.steps[direction % draft.steps.length]?.id ?? '');
        else draft = moveStep(draft, id, directions[direction] ?? 'up');
        for (const step of draft.steps) given.add(step.id);
        expect(readTree(draft).problems).toEqual([]);
        expect(draft.edges).toHaveLength(draft.steps.length - 1);
      }
      expect(given.has(ids.take())).toBe(false);
    }),
  );
});
