import type { FlowDraft } from '@millrace/flow-model';
import { Position, type Edge, type Node } from '@xyflow/react';
import type { StepView } from '../steps/step-view.js';
import { edgeLabel } from '../steps/step-view.js';
import type { Place, StepSize } from './layout.js';

/** In pixels; `step-node.module.css` has the same width and height. */
export const stepSize: StepSize = { width: 264, height: 68, gapX: 36, gapY: 88 };

export type StepNodeData = { view: StepView; isActive: boolean; isOpen: boolean };
export type StepNodeElement = Node<StepNodeData, 'step'>;
export type StepEdgeData = { label: string | undefined; title: string };
export type StepEdgeElement = Edge<StepEdgeData, 'step'>;

const { width, height } = stepSize;

// Told from the start, so that nothing has to be measured before it is drawn.
const drawn = {
  width,
  height,
  measured: { width, height },
  handles: [
    { type: 'target' as const, position: Position.Top, x: width / 2 - 0.5, y: -0.5, width: 1, height: 1 },
    { type: 'source' as const, position: Position.Bottom, x: width / 2 - 0.5, y: height - 0.5, width: 1, height: 1 },
  ],
};

/**
 * Makes a function that gives the steps as nodes. Those that have not changed since its last call stay the same objects, so
 * that they are not drawn again.
 */
export function createNodes(): (
  views: readonly StepView[],
  places: ReadonlyMap<string, Place>,
  shown: { activeStepId: string; openStepId: string | null },
) => StepNodeElement[] {
  let before: ReadonlyMap<string, StepNodeElement> = new Map();
  return (views, places, { activeStepId, openStepId }) => {
    const nodes = views.map((view): StepNodeElement => {
      const position = places.get(view.stepId) ?? { x: 0, y: 0 };
      const data = { view, isActive: view.stepId === activeStepId, isOpen: view.stepId === openStepId };
      const old = before.get(view.stepId);
      if (old && isSamePlace(old.position, position) && isSameData(old.data, data)) return old;
      return { id: view.stepId, type: 'step', position, data, ...drawn };
    });
    before = new Map(nodes.map((node) => [node.id, node]));
    return nodes;
  };
}

export function edgesOf(draft: FlowDraft, views: readonly StepView[]): StepEdgeElement[] {
  const titles = new Map(views.map(({ stepId, title }) => [stepId, title]));
  const waysFrom = new Map<string, number>();
  for (const { from } of draft.edges) waysFrom.set(from, (waysFrom.get(from) ?? 0) + 1);
  return draft.edges
    .filter(({ from, to }) => titles.has(from) && titles.has(to))
    .map((edge) => ({
      id: `${edge.from} ${edge.to}`,
      source: edge.from,
      target: edge.to,
      type: 'step',
      // Where there is a choice its condition is what one looks for; from the label one comes to it.
      data: {
        label: edgeLabel(edge) ?? ((waysFrom.get(edge.from) ?? 0) > 1 ? 'always' : undefined),
        title: titles.get(edge.to) ?? edge.to,
      },
    }));
}

function isSamePlace(one: Place, other: Place): boolean {
  return one.x === other.x && one.y === other.y;
}

function isSameData(one: StepNodeData, other: StepNodeData): boolean {
  if (one.isActive !== other.isActive || one.isOpen !== other.isOpen) return false;
  const [view, next] = [one.view, other.view];
  const names = Object.keys(view) as (keyof StepView)[];
  return names.every((name) => view[name] === next[name] || (name === 'problems' && isSameProblems(view, next)));
}

function isSameProblems(one: StepView, other: StepView): boolean {
  const said = (view: StepView): string => view.problems.map(({ field, message }) => `${field} ${message}`).join('\n');
  return said(one) === said(other);
}
