import { readTree, type DraftStep, type FlowDraft } from '@millrace/flow-model';
import type { Component } from '../../../api/schema.generated.js';
import type { PlacedProblem } from '../draft/placed-problems.js';

/** A step as canvas and list show it. */
export interface StepView {
  stepId: string;
  /** Its name, or what it does, or that this is to be chosen. */
  title: string;
  /** "Petstore API · Create a pet". */
  subtitle: string;
  component: string | undefined;
  /** What has to be mended in it before the draft can be published. */
  problems: readonly PlacedProblem[];
  hasSample: boolean;
  isTrigger: boolean;
  /** Whether steps follow it. */
  isFollowed: boolean;
}

export interface Known {
  components: ReadonlyMap<string, Component>;
  problems: readonly PlacedProblem[];
  samples: ReadonlyMap<string, unknown>;
}

/** All steps of a draft as they are shown, in the order of the draft. */
export function stepViews(draft: FlowDraft, { components, problems, samples }: Known): StepView[] {
  const { tree } = readTree(draft);
  const byStep = new Map<string, PlacedProblem[]>();
  for (const problem of problems) {
    if (problem.stepId === null) continue;
    byStep.set(problem.stepId, [...(byStep.get(problem.stepId) ?? []), problem]);
  }
  return draft.steps.map((step, at) => ({
    stepId: step.id,
    ...stepWords(step, components, at === 0),
    component: step.component ?? undefined,
    problems: byStep.get(step.id) ?? noProblems,
    hasSample: samples.has(step.id),
    isTrigger: at === 0,
    isFollowed: tree.childrenOf(step.id).length > 0,
  }));
}

const noProblems: readonly PlacedProblem[] = [];

/** How a step is called where only its name has room. */
export function titleOf(step: DraftStep, components: ReadonlyMap<string, Component>, isTrigger = false): string {
  return stepWords(step, components, isTrigger).title;
}

/** The name of a step in the first of the drafts that has it. */
export function titleIn(
  drafts: readonly FlowDraft[],
  stepId: string,
  components: ReadonlyMap<string, Component>,
): string {
  for (const draft of drafts) {
    const at = draft.steps.findIndex(({ id }) => id === stepId);
    const step = draft.steps[at];
    if (step) return titleOf(step, components, at === 0);
  }
  return stepId;
}

/** What people know a step by: the same words on the canvas, in the list, in the panel and in messages. */
export function stepWords(
  step: DraftStep,
  components: ReadonlyMap<string, Component>,
  isTrigger: boolean,
): Pick<StepView, 'title' | 'subtitle'> {
  const component = step.component ? components.get(step.component) : undefined;
  const operation = component?.operations.find(({ name }) => name === step.operation);
  const componentTitle = component?.title ?? step.component ?? undefined;
  const does = [componentTitle, operation?.title ?? step.operation].filter(Boolean).join(' · ');
  if (step.name) return { title: step.name, subtitle: does || 'Nothing chosen yet' };
  if (componentTitle === undefined) {
    return { title: isTrigger ? 'Choose a trigger' : 'Choose a component', subtitle: step.id };
  }
  if (operation) return { title: operation.title, subtitle: componentTitle };
  return { title: componentTitle, subtitle: step.operation || 'Nothing chosen yet' };
}

/** What a step of the tree is called when its edge has a condition or is the default. */
export function edgeLabel(edge: {
  condition?: string | null | undefined;
  default?: boolean | undefined;
}): string | undefined {
  if (edge.condition != null && edge.condition.trim() !== '') return edge.condition;
  return edge.default === true ? 'otherwise' : undefined;
}
