import type { FlowDraft } from '@millrace/flow-model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layoutSteps, type StepSize } from './layout.js';
import { neighbourOf } from './neighbours.js';

const size: StepSize = { width: 200, height: 60, gapX: 20, gapY: 40 };

/** A tree in which `parents[n]` says which of the steps before the step n + 2 it follows. */
function treeOf(parents: number[]): FlowDraft {
  const edges = parents.map((parent, at) => ({ from: `step_${(parent % (at + 1)) + 1}`, to: `step_${at + 2}` }));
  return { steps: Array.from({ length: parents.length + 1 }, (_, at) => ({ id: `step_${at + 1}` })), edges };
}

const trees = fc.array(fc.nat({ max: 1_000 }), { maxLength: 80 }).map(treeOf);

describe('the places of steps', () => {
  it('have every step below the one that it follows, which stands in the middle of those that follow it', () => {
    fc.assert(
      fc.property(trees, (draft) => {
        const places = layoutSteps(draft, size);
        expect(places.size).toBe(draft.steps.length);
        for (const { id } of draft.steps) {
          const below = draft.edges.filter(({ from }) => from === id).map(({ to }) => places.get(to));
          const here = places.get(id) ?? { x: Number.NaN, y: Number.NaN };
          for (const place of below) expect(place?.y).toBe(here.y + size.height + size.gapY);
          if (below.length > 0) expect(((below[0]?.x ?? 0) + (below.at(-1)?.x ?? 0)) / 2).toBeCloseTo(here.x);
        }
      }),
    );
  });

  it('overlap nowhere, keep branches in their order and are the same each time', () => {
    fc.assert(
      fc.property(trees, (draft) => {
        const places = layoutSteps(draft, size);
        expect(layoutSteps(structuredClone(draft), size)).toEqual(places);
        const rows = rowsOf([...places.values()]);
        for (const row of rows.values()) {
          const xs = row.map(({ x }) => x).sort((one, other) => one - other);
          xs.slice(1).forEach((x, at) =>
            expect(x - (xs[at] ?? 0)).toBeGreaterThanOrEqual(size.width + size.gapX - 1e-6),
          );
        }
        expect(Math.min(...[...places.values()].map(({ x }) => x))).toBeCloseTo(0);
      }),
    );
  });

  it('also exist for what is not connected, and for circles', () => {
    const draft: FlowDraft = {
      steps: ['step_1', 'step_2', 'step_3', 'step_4'].map((id) => ({ id })),
      edges: [
        { from: 'step_3', to: 'step_4' },
        { from: 'step_4', to: 'step_3' },
      ],
    };
    expect([...layoutSteps(draft, size).keys()].sort()).toEqual(['step_1', 'step_2', 'step_3', 'step_4']);
    expect(layoutSteps({ steps: [], edges: [] }, size).size).toBe(0);
  });
});

describe('arrow keys', () => {
  // step_1 ─ step_2 ─ step_4
  //        └ step_3 ─ step_5
  const draft = treeOf([0, 0, 1, 2]);
  const places = layoutSteps(draft, size);

  it.each([
    ['step_2', 'ArrowUp', 'step_1'],
    ['step_1', 'ArrowUp', 'step_1'],
    ['step_1', 'ArrowDown', 'step_2'],
    ['step_5', 'ArrowDown', 'step_5'],
    ['step_4', 'ArrowRight', 'step_5'],
    ['step_3', 'ArrowLeft', 'step_2'],
    ['step_2', 'ArrowLeft', 'step_2'],
    ['step_5', 'Home', 'step_1'],
  ] as const)('lead from %s by %s to %s', (stepId, arrow, to) => {
    expect(neighbourOf(draft, places, { stepId, arrow })).toBe(to);
  });
});

function rowsOf(all: { x: number; y: number }[]): Map<number, { x: number; y: number }[]> {
  const rows = new Map<number, { x: number; y: number }[]>();
  for (const place of all) rows.set(place.y, [...(rows.get(place.y) ?? []), place]);
  return rows;
}
