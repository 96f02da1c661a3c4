import type { StepRun } from '../../api/schema.generated.js';
import type { Definition } from './run-definition.js';

/** A step run in the tree, or a step that the run did not come to. */
export interface StepNode {
  /** Unique in the run: step and path. */
  key: string;
  stepId: string;
  path: string;
  /** Undefined when the run did not come to it. */
  run: StepRun | undefined;
  children: StepNode[];
}

/** Whether a path says more than that nothing was split on its way: else it is not worth being read. */
export function isSplit(path: string): boolean {
  return /[1-9]/.test(path);
}

export function stepKey(stepId: string, path: string): string {
  return `${stepId} ${path}`;
}

/**
 * The step runs of a run as a tree. Edges of the version say which step follows which, the path says which output of it led
 * there. Where the version is not known, or a step came in with another one, a step hangs below the last one before it on
 * its branch. Walks without recursion: a flow may be as long as it likes.
 */
export function stepTree(runs: readonly StepRun[], definition: Definition | undefined, isOver: boolean): StepNode[] {
  const nodes = new Map<string, StepNode>();
  const latestAt = new Map<string, StepNode>();
  const parents = new Map<string, string[]>();
  for (const { from, to } of definition?.edges ?? []) parents.set(to, [...(parents.get(to) ?? []), from]);
  const roots: StepNode[] = [];
  const inOrder = runs.toSorted(
    (one, other) => depthOf(one.path) - depthOf(other.path) || comparePaths(one.path, other.path),
  );
  for (const run of inOrder) {
    const node: StepNode = {
      key: stepKey(run.stepId, run.path),
      stepId: run.stepId,
      path: run.path,
      run,
      children: [],
    };
    nodes.set(node.key, node);
    const parent = parentOf(node, nodes, parents, latestAt);
    (parent?.children ?? roots).push(node);
    if (!latestAt.has(run.path)) latestAt.set(run.path, node);
  }
  if (definition && isOver) addUnreached(roots, definition);
  return roots;
}

function parentOf(
  { stepId, path }: StepNode,
  nodes: ReadonlyMap<string, StepNode>,
  parents: ReadonlyMap<string, string[]>,
  latestAt: ReadonlyMap<string, StepNode>,
): StepNode | undefined {
  if (path === '') return undefined;
  const before = pathBefore(path);
  for (const from of parents.get(stepId) ?? []) {
    const parent = nodes.get(stepKey(from, before));
    if (parent) return parent;
  }
  for (let at = before; ; at = pathBefore(at)) {
    const parent = latestAt.get(at);
    if (parent) return parent;
    if (at === '') return undefined;
  }
}

/** Steps that follow one of the tree and were not come to, once below each. */
function addUnreached(roots: StepNode[], { steps, edges }: Definition): void {
  const following = new Map<string, string[]>();
  for (const { from, to } of edges) following.set(from, [...(following.get(from) ?? []), to]);
  const ran = new Set<string>();
  const queue = [...roots];
  for (const node of queue) {
    ran.add(node.stepId);
    queue.push(...node.children);
  }
  const shown = new Set<string>();
  for (const node of queue) {
    for (const stepId of following.get(node.stepId) ?? []) {
      if (ran.has(stepId) || shown.has(stepId)) continue;
      shown.add(stepId);
      const missing: StepNode = {
        key: stepKey(stepId, `${node.path}.-`),
        stepId,
        path: node.path,
        run: undefined,
        children: [],
      };
      node.children.push(missing);
      queue.push(missing);
    }
  }
  const [first] = steps;
  if (roots.length === 0 && first) {
    roots.push({ key: stepKey(first.id, ''), stepId: first.id, path: '', run: undefined, children: [] });
  }
}

/** The first children of a branch that is split, and failed ones wherever they are; the rest is counted. */
function shownChildren(children: readonly StepNode[], limit: number): { shown: StepNode[]; hidden: StepNode[] } {
  if (children.length <= limit) return { shown: [...children], hidden: [] };
  let left = limit - Math.min(limit - 1, children.filter(isBad).length);
  const shown: StepNode[] = [];
  const hidden: StepNode[] = [];
  let bad = 0;
  for (const child of children) {
    if (isBad(child) && bad < limit - 1) {
      bad += 1;
      shown.push(child);
    } else if (!isBad(child) && left > 0) {
      left -= 1;
      shown.push(child);
    } else hidden.push(child);
  }
  return { shown, hidden };
}

/** A row of the tree as it is shown: a step, or the rest of a split branch. */
export type TreeRow =
  | { kind: 'step'; node: StepNode; depth: number }
  | { kind: 'more'; parent: StepNode; hidden: StepNode[]; depth: number };

/** The rows to show, depth first. `limits` says of a node how many children it shows, where it is not the usual number. */
export function treeRows(
  roots: readonly StepNode[],
  limits: ReadonlyMap<string, number>,
  usualLimit: number,
): TreeRow[] {
  const rows: TreeRow[] = [];
  const stack: TreeRow[] = roots.toReversed().map((node) => ({ kind: 'step', node, depth: 0 }));
  for (let row = stack.pop(); row !== undefined; row = stack.pop()) {
    rows.push(row);
    if (row.kind === 'more') continue;
    const { node, depth } = row;
    const { shown, hidden } = shownChildren(node.children, limits.get(node.key) ?? usualLimit);
    // A chain is not indented: a long flow would run out of the page.
    const inside = node.children.length > 1 ? depth + 1 : depth;
    if (hidden.length > 0) stack.push({ kind: 'more', parent: node, hidden, depth: inside });
    for (const child of shown.toReversed()) stack.push({ kind: 'step', node: child, depth: inside });
  }
  return rows;
}

function isBad({ run }: StepNode): boolean {
  return run?.status === 'failed';
}

function depthOf(path: string): number {
  return path === '' ? 0 : path.split('.').length;
}

function pathBefore(path: string): string {
  const at = path.lastIndexOf('.');
  return at === -1 ? '' : path.slice(0, at);
}

function comparePaths(one: string, other: string): number {
  const [left, right] = [one.split('.').map(Number), other.split('.').map(Number)];
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
