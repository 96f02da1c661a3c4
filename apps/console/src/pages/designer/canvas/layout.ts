import { readTree, type FlowDraft, type FlowTree } from '@millrace/flow-model';

/** Where the upper left corner of a step is, in pixels of the canvas. */
export interface Place {
  x: number;
  y: number;
}

export interface StepSize {
  width: number;
  height: number;
  /** Between branches beside each other. */
  gapX: number;
  /** Between a step and those that follow it. */
  gapY: number;
}

/** A laid out branch: offsets of its steps from its first one, and how far it reaches at each depth. */
interface Branch {
  offsets: Map<string, number>;
  left: number[];
  right: number[];
}

/**
 * Places the steps of a draft as a tidy tree from the top down: a step stands in the middle above those that follow it, and
 * branches are as near to each other as they can be. The same draft always gives the same places. Steps that nothing leads to
 * stand to the right of the rest.
 */
export function layoutSteps(draft: FlowDraft, size: StepSize): Map<string, Place> {
  const { tree } = readTree(draft);
  const places = new Map<string, Place>();
  const placed = new Set<string>();
  let fromX = 0;
  for (const { id } of rootsFirst(draft, tree)) {
    if (placed.has(id)) continue;
    const branch = layoutBranch(id, { tree, placed, pitch: size.width + size.gapX });
    const shift = fromX - Math.min(...branch.left);
    const rows = depths(id, tree, branch.offsets);
    for (const [stepId, offset] of branch.offsets) {
      places.set(stepId, { x: offset + shift, y: (rows.get(stepId) ?? 0) * (size.height + size.gapY) });
    }
    fromX = shift + Math.max(...branch.right) + size.width + 2 * size.gapX;
  }
  return places;
}

/** The trigger, then what nothing leads to, then whatever is left: circles, in which every step has one before it. */
function rootsFirst(draft: FlowDraft, tree: FlowTree): FlowDraft['steps'] {
  const [trigger] = draft.steps;
  if (!trigger) return [];
  return [trigger, ...draft.steps.filter(({ id }) => !tree.edgeTo(id)), ...draft.steps];
}

function layoutBranch(stepId: string, given: { tree: FlowTree; placed: Set<string>; pitch: number }): Branch {
  const { tree, placed, pitch } = given;
  placed.add(stepId);
  const below = tree.childrenOf(stepId).filter((child) => !placed.has(child));
  const joined: Branch = { offsets: new Map(), left: [], right: [] };
  const firsts: number[] = [];
  for (const child of below) {
    const branch = layoutBranch(child, given);
    const shift = Math.max(0, ...branch.left.map((left, depth) => (joined.right[depth] ?? -Infinity) + pitch - left));
    firsts.push(shift);
    for (const [id, offset] of branch.offsets) joined.offsets.set(id, offset + shift);
    branch.left.forEach((left, depth) => {
      joined.left[depth] = Math.min(joined.left[depth] ?? Infinity, left + shift);
      joined.right[depth] = Math.max(joined.right[depth] ?? -Infinity, (branch.right[depth] ?? 0) + shift);
    });
  }
  const middle = ((firsts[0] ?? 0) + (firsts.at(-1) ?? 0)) / 2;
  const offsets = new Map([[stepId, 0]]);
  for (const [id, offset] of joined.offsets) offsets.set(id, offset - middle);
  return {
    offsets,
    left: [0, ...joined.left.map((left) => left - middle)],
    right: [0, ...joined.right.map((right) => right - middle)],
  };
}

function depths(rootId: string, tree: FlowTree, among: ReadonlyMap<string, number>): Map<string, number> {
  const found = new Map([[rootId, 0]]);
  // A map is walked in the order of insertion, and what is added on the way is walked too.
  for (const [id, depth] of found) {
    for (const child of tree.childrenOf(id)) if (among.has(child) && !found.has(child)) found.set(child, depth + 1);
  }
  return found;
}
