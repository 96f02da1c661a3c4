import type { Edge, FlowDraft } from './draft.js';
import type { Problem } from './problem.js';

/** A draft's edges as a tree below its first step. */
export interface FlowTree {
  childrenOf(stepId: string): string[];
  /** From the trigger down to the parent; empty for the trigger. */
  ancestorsOf(stepId: string): string[];
  /** The edge that leads to a step; `undefined` for the trigger. */
  edgeTo(stepId: string): Edge | undefined;
}

/** Reads the steps and edges of a draft as a tree; problems name the step or edge that breaks it. */
export function readTree(draft: FlowDraft): { tree: FlowTree; problems: Problem[] } {
  const problems: Problem[] = [];
  const position = new Map<string, number>();
  draft.steps.forEach((step, at) => {
    if (position.has(step.id)) {
      problems.push({
        pointer: `/steps/${at}/id`,
        code: 'duplicate_step',
        message: `The id ${step.id} is used twice: give each step its own.`,
      });
    } else position.set(step.id, at);
  });

  const children = new Map<string, string[]>();
  const parent = new Map<string, string>();
  const edges = new Map<string, Edge>();
  draft.edges.forEach((edge, at) => {
    for (const end of ['from', 'to'] as const) {
      if (position.has(edge[end])) continue;
      const message = `The edge leads ${end} ${edge[end]}, and there is no such step.`;
      problems.push({ pointer: `/edges/${at}/${end}`, code: 'unknown_step', message });
    }
    if (!position.has(edge.from) || !position.has(edge.to)) return;
    if (parent.has(edge.to)) {
      problems.push({
        pointer: `/edges/${at}/to`,
        code: 'several_parents',
        message: `Step ${edge.to} already follows ${parent.get(edge.to)}: a step follows one step.`,
      });
      return;
    }
    parent.set(edge.to, edge.from);
    edges.set(edge.to, edge);
    children.set(edge.from, [...(children.get(edge.from) ?? []), edge.to]);
  });

  const tree: FlowTree = {
    childrenOf: (stepId) => children.get(stepId) ?? [],
    ancestorsOf: (stepId) => {
      const path: string[] = [];
      for (let at = parent.get(stepId); at !== undefined && !path.includes(at); at = parent.get(at)) path.unshift(at);
      return path;
    },
    edgeTo: (stepId) => edges.get(stepId),
  };
  problems.push(...placementProblems(draft, parent, children));
  return { tree, problems };
}

/** All steps below a step, those nearer to it first. */
export function descendantsOf(tree: FlowTree, stepId: string): string[] {
  const found = new Set(tree.childrenOf(stepId));
  // A set is walked in the order of insertion, and what is added on the way is walked too.
  for (const id of found) for (const child of tree.childrenOf(id)) found.add(child);
  return [...found];
}

function placementProblems(draft: FlowDraft, parent: Map<string, string>, children: Map<string, string[]>): Problem[] {
  const trigger = draft.steps[0];
  if (!trigger)
    return [{ pointer: '/steps', code: 'no_trigger', message: 'The flow has no step: begin with a trigger.' }];
  const reached = new Set<string>();
  const queue = [trigger.id];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    if (reached.has(id)) continue;
    reached.add(id);
    queue.push(...(children.get(id) ?? []));
  }
  const problems: Problem[] = [];
  draft.steps.forEach((step, at) => {
    const inCycle = leadsToItself(step.id, parent);
    if (inCycle) {
      const message = `Step ${step.id} follows itself in a circle: remove one of the edges of the circle.`;
      problems.push({ pointer: `/steps/${at}`, code: 'cycle', message });
    } else if (!reached.has(step.id)) {
      const message = `Step ${step.id} is not connected to the trigger: add an edge that leads to it.`;
      problems.push({ pointer: `/steps/${at}`, code: 'unreachable_step', message });
    }
  });
  return problems;
}

function leadsToItself(stepId: string, parent: Map<string, string>): boolean {
  const seen = new Set<string>();
  for (let at = parent.get(stepId); at !== undefined && !seen.has(at); at = parent.get(at)) {
    if (at === stepId) return true;
    seen.add(at);
  }
  return false;
}
