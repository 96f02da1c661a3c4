import { readTree, type Edge, type FlowDraft } from '@millrace/flow-model';
import { addAfter, hasStep, isEdge, removeStep } from './edits.js';

export type Direction = 'up' | 'down' | 'left' | 'right';

/**
 * Moves a step. Up and down it changes places with the step before or after it; left and right, with the branch beside its
 * own. Conditions stay where they are in the tree. Without such a place the draft stays the same object.
 */
export function moveStep(draft: FlowDraft, stepId: string, direction: Direction): FlowDraft {
  if (direction === 'up') return moveUp(draft, stepId);
  const { tree } = readTree(draft);
  if (direction === 'down') {
    const [following, ...others] = tree.childrenOf(stepId);
    return following === undefined || others.length > 0 ? draft : moveUp(draft, following);
  }
  const above = tree.edgeTo(stepId);
  if (!above) return draft;
  const beside = tree.childrenOf(above.from);
  const other = beside[beside.indexOf(stepId) + (direction === 'left' ? -1 : 1)];
  return other === undefined ? draft : swapEdges(draft, above, { from: above.from, to: other });
}

export function canMove(draft: FlowDraft, stepId: string, direction: Direction): boolean {
  return moveStep(draft, stepId, direction) !== draft;
}

/**
 * Takes a step from its place, where those that followed it follow the step before, and puts it after another: before the one
 * step that follows there, or as a further branch. The trigger stays first; what is there already stays the same object.
 */
export function moveAfter(draft: FlowDraft, stepId: string, targetId: string): FlowDraft {
  if (stepId === targetId || draft.steps[0]?.id === stepId) return draft;
  if (!hasStep(draft, stepId) || !hasStep(draft, targetId)) return draft;
  const { tree } = readTree(draft);
  if (tree.edgeTo(stepId)?.from === targetId && tree.childrenOf(targetId).length === 1) return draft;
  const moved = addAfter(removeStep(draft, stepId), targetId, stepId);
  return { ...moved, steps: draft.steps };
}

function moveUp(draft: FlowDraft, stepId: string): FlowDraft {
  const { tree } = readTree(draft);
  const before = tree.edgeTo(stepId)?.from;
  const above = before === undefined ? undefined : tree.edgeTo(before);
  // The trigger stays first.
  if (before === undefined || !above) return draft;
  const edges = draft.edges.map((edge): Edge => {
    if (isEdge(edge, above)) return { ...edge, to: stepId };
    if (isEdge(edge, { from: before, to: stepId })) return { ...edge, from: stepId, to: before };
    return edge.from === stepId ? { ...edge, from: before } : edge;
  });
  return { ...draft, edges };
}

/** The branches below a step stand in the order of their edges. */
function swapEdges(draft: FlowDraft, one: Edge, other: Pick<Edge, 'from' | 'to'>): FlowDraft {
  const edges = [...draft.edges];
  const at = edges.findIndex((edge) => isEdge(edge, one));
  const otherAt = edges.findIndex((edge) => isEdge(edge, other));
  const [first, second] = [edges[at], edges[otherAt]];
  if (!first || !second) return draft;
  edges[at] = second;
  edges[otherAt] = first;
  return { ...draft, edges };
}
