import {
  descendantsOf,
  readTree,
  type DraftStep,
  type Edge,
  type FlowDraft,
  type FlowSettings,
} from '@millrace/flow-model';

/** An edge by its ends. */
export type EdgeEnds = Pick<Edge, 'from' | 'to'>;

/** What replaces members of a step; a member that is `undefined` is taken away. The id stays. */
export type StepChange = Partial<Omit<DraftStep, 'id'>> | ((step: DraftStep) => DraftStep);

/** Every function here gives a new draft and leaves the one that it got as it is; what names no step changes nothing. */
export function addTrigger(draft: FlowDraft, id: string): FlowDraft {
  return draft.steps.length > 0 ? draft : { ...draft, steps: [{ id }] };
}

/** Adds a step below another as a branch of its own, right of those that are there. */
export function addBranch(draft: FlowDraft, parentId: string, id: string): FlowDraft {
  if (!hasStep(draft, parentId)) return draft;
  return { ...draft, steps: [...draft.steps, { id }], edges: [...draft.edges, { from: parentId, to: id }] };
}

/** Puts a step on an edge. The condition of the edge stays before the new step, for it reads the step above. */
export function addBetween(draft: FlowDraft, ends: EdgeEnds, id: string): FlowDraft {
  const at = draft.edges.findIndex((edge) => isEdge(edge, ends));
  const edge = draft.edges[at];
  if (!edge) return draft;
  const edges = [...draft.edges];
  edges.splice(at, 1, { ...edge, to: id }, { from: id, to: ends.to });
  return { ...draft, steps: [...draft.steps, { id }], edges };
}

/** Adds the next step after one: before the step that follows it, or as a further branch where several do. */
export function addAfter(draft: FlowDraft, stepId: string, id: string): FlowDraft {
  const [following, ...others] = readTree(draft).tree.childrenOf(stepId);
  if (following === undefined || others.length > 0) return addBranch(draft, stepId, id);
  return addBetween(draft, { from: stepId, to: following }, id);
}

/**
 * Takes a step away. Those that follow it then follow the step before, under the condition that led to it. The trigger is
 * emptied where steps follow it, so that another can be chosen.
 */
export function removeStep(draft: FlowDraft, stepId: string): FlowDraft {
  if (!hasStep(draft, stepId)) return draft;
  const { tree } = readTree(draft);
  const following = tree.childrenOf(stepId);
  if (draft.steps[0]?.id === stepId && following.length > 0) {
    return { ...draft, steps: [{ id: stepId }, ...draft.steps.slice(1)] };
  }
  const above = tree.edgeTo(stepId);
  const edges = draft.edges.flatMap((edge): Edge[] => {
    if (isEdge(edge, { from: above?.from ?? '', to: stepId })) return following.map((to) => ({ ...edge, to }));
    return edge.from === stepId || edge.to === stepId ? [] : [edge];
  });
  return { ...draft, steps: draft.steps.filter(({ id }) => id !== stepId), edges };
}

/** Takes a step away with all that follow it. */
export function removeBranch(draft: FlowDraft, stepId: string): FlowDraft {
  if (!hasStep(draft, stepId)) return draft;
  const gone = new Set([stepId, ...descendantsOf(readTree(draft).tree, stepId)]);
  return {
    ...draft,
    steps: draft.steps.filter(({ id }) => !gone.has(id)),
    edges: draft.edges.filter(({ from, to }) => !gone.has(from) && !gone.has(to)),
  };
}

export function changeStep(draft: FlowDraft, stepId: string, change: StepChange): FlowDraft {
  const step = draft.steps.find(({ id }) => id === stepId);
  if (!step) return draft;
  const changed = typeof change === 'function' ? change(step) : { ...step, ...change };
  if (changed === step) return draft;
  const given = withoutUndefined({ ...changed, id: stepId });
  return { ...draft, steps: draft.steps.map((one) => (one === step ? given : one)) };
}

/** Sets when an edge is taken: under a condition, as the default, or, with neither, always. */
export function changeEdge(draft: FlowDraft, ends: EdgeEnds, change: Omit<Edge, 'from' | 'to'>): FlowDraft {
  const edges = draft.edges.map((edge) => (isEdge(edge, ends) ? withoutUndefined({ ...edge, ...change }) : edge));
  return { ...draft, edges };
}

/** Sets how runs begin; settings without a member become none. */
export function changeSettings(draft: FlowDraft, settings: FlowSettings | undefined): FlowDraft {
  const { settings: _before, ...rest } = draft;
  const given = settings && withoutUndefined(settings);
  return given && Object.keys(given).length > 0 ? { ...rest, settings: given } : rest;
}

export function hasStep(draft: FlowDraft, stepId: string): boolean {
  return draft.steps.some(({ id }) => id === stepId);
}

export function isEdge(edge: EdgeEnds, ends: EdgeEnds): boolean {
  return edge.from === ends.from && edge.to === ends.to;
}

function withoutUndefined<Value extends object>(value: Value): Value {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Value;
}
