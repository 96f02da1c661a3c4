import { isJsonObject, type Json } from '@millrace/contracts';
import { compileMapping, readsOf, sandboxLeaves } from '@millrace/mapping';
import type { DraftStep, FlowDraft } from './draft.js';
import { descendantsOf, type FlowTree } from './graph.js';
import type { Problem } from './problem.js';
import type { Catalogue } from './validate.js';
import { isWaitStep } from './webhook-steps.js';

/** Resume URLs of steps that do not wait below, and settings of waiting steps that do not fit together. */
export function waitProblems(draft: FlowDraft, tree: FlowTree, catalogue: Catalogue): Problem[] {
  const waiting = new Set(draft.steps.filter((step) => mayWait(step, catalogue)).map(({ id }) => id));
  const problems: Problem[] = [];
  draft.steps.forEach((step, at) => {
    if (isWaitStep(step)) problems.push(...settingProblems(step, `/steps/${at}`));
    if (at === 0) return;
    problems.push(...urlProblems(step.mapping ?? {}, `/steps/${at}/mapping`, { stepId: step.id, tree, waiting }));
  });
  draft.edges.forEach(({ to, condition }, at) => {
    if (condition == null) return;
    problems.push(...urlProblems(condition, `/edges/${at}/condition`, { stepId: to, tree, waiting }));
  });
  return problems;
}

function mayWait({ component, operation }: DraftStep, catalogue: Catalogue): boolean {
  const operations = component ? catalogue.component(component)?.operations : undefined;
  return operations?.some(({ name, waits }) => name === operation && waits === true) ?? false;
}

interface Place {
  stepId: string;
  tree: FlowTree;
  waiting: ReadonlySet<string>;
}

function urlProblems(mapping: Json, pointer: string, { stepId, tree, waiting }: Place): Problem[] {
  const { compiled } = compileMapping(mapping);
  if (readsOf(compiled).resumeSteps.size === 0) return [];
  const below = new Set(descendantsOf(tree, stepId));
  return sandboxLeaves(compiled).flatMap(({ pointer: leaf, expression }) =>
    expression.reads.resumeSteps
      .filter((named) => !below.has(named) || !waiting.has(named))
      .map((named) => ({
        pointer: pointer + leaf,
        code: 'unknown_wait' as const,
        message: below.has(named)
          ? `$resumeUrl names ${named}, and that step does not wait: add a step with the action Wait.`
          : `$resumeUrl names ${named}, and no step of that id comes after ${stepId}.`,
      })),
  );
}

function settingProblems(step: DraftStep, pointer: string): Problem[] {
  const { authentication, uses, maxCalls } = isJsonObject(step.config) ? step.config : {};
  const problems: Problem[] = [];
  if (authentication === 'own' && !step.credentialId) {
    const message = `Callers of ${step.id} prove who they are with its own credential: choose or create one.`;
    problems.push({ pointer: `${pointer}/credentialId`, code: 'credential_missing', message });
  }
  if (maxCalls !== undefined && uses !== 'repeated') {
    const message = 'A number of calls needs the setting “repeated”: otherwise the first call is the only one.';
    problems.push({ pointer: `${pointer}/config/maxCalls`, code: 'invalid_value', message });
  }
  return problems;
}
