import type { ComponentDescriptor, OperationDescriptor } from '@millrace/contracts';
import type { DraftStep, FlowDraft } from './draft.js';
import { settingsProblems } from './flow-settings.js';
import { readTree, type FlowTree } from './graph.js';
import { scheduleProblems } from './polling-trigger.js';
import type { Problem } from './problem.js';
import { conditionProblems } from './validate-conditions.js';
import { configProblems, mappingProblems } from './validate-fields.js';
import { waitProblems } from './validate-waits.js';

/** What validation asks of the workspace. */
export interface Catalogue {
  component(name: string): ComponentDescriptor | undefined;
  /** The component that a credential of this workspace belongs to; `undefined` when there is no such credential. */
  credentialComponent(id: string): string | undefined;
}

/** Everything that keeps the draft from being published; empty when it can be. */
export function validateDraft(draft: FlowDraft, catalogue: Catalogue): Problem[] {
  const { tree, problems } = readTree(draft);
  draft.steps.forEach((step, at) => problems.push(...stepProblems(step, at, tree, catalogue)));
  problems.push(...conditionProblems(draft, tree), ...waitProblems(draft, tree, catalogue));
  problems.push(...settingsProblems(draft.settings));
  return problems;
}

function stepProblems(step: DraftStep, at: number, tree: FlowTree, catalogue: Catalogue): Problem[] {
  const pointer = `/steps/${at}`;
  if (!step.component) {
    return [
      { pointer: `${pointer}/component`, code: 'component_missing', message: `Choose a component for ${step.id}.` },
    ];
  }
  const component = catalogue.component(step.component);
  if (!component) {
    const message = `There is no component “${step.component}” in the catalogue.`;
    return [{ pointer: `${pointer}/component`, code: 'unknown_component', message }];
  }
  const operation = component.operations.find((candidate) => candidate.name === step.operation);
  const problems = credentialProblems(step, pointer, { component, operation }, catalogue);
  if (!step.operation) {
    const message = `Choose what ${component.title} shall do in ${step.id}.`;
    return [...problems, { pointer: `${pointer}/operation`, code: 'operation_missing', message }];
  }
  if (!operation) {
    const message = `${component.title} has no operation “${step.operation}”.`;
    return [...problems, { pointer: `${pointer}/operation`, code: 'unknown_operation', message }];
  }
  return [
    ...problems,
    ...kindProblems(step, at, operation),
    ...configProblems(step, pointer, operation),
    ...scheduleProblems(step, pointer, operation),
    ...(operation.kind === 'action' ? mappingProblems(step, pointer, operation, tree.ancestorsOf(step.id)) : []),
  ];
}

function kindProblems(step: DraftStep, at: number, operation: OperationDescriptor): Problem[] {
  const pointer = `/steps/${at}/operation`;
  if (at === 0 && operation.kind !== 'trigger') {
    const message = `The first step must be a trigger, and “${operation.title}” is an action.`;
    return [{ pointer, code: 'no_trigger', message }];
  }
  if (at > 0 && operation.kind !== 'action') {
    const message = `“${operation.title}” is a trigger: only the first step can be one, so ${step.id} needs an action.`;
    return [{ pointer, code: 'action_expected', message }];
  }
  return [];
}

function credentialProblems(
  step: DraftStep,
  stepPointer: string,
  { component, operation }: { component: ComponentDescriptor; operation: OperationDescriptor | undefined },
  catalogue: Catalogue,
): Problem[] {
  const pointer = `${stepPointer}/credentialId`;
  if (!step.credentialId) {
    const needed = component.credentials && (operation?.needsCredential ?? component.credentials.required);
    if (!needed) return [];
    const message = `${component.title} needs a credential: choose or create one.`;
    return [{ pointer, code: 'credential_missing', message }];
  }
  const owner = catalogue.credentialComponent(step.credentialId);
  if (owner === undefined) {
    return [
      { pointer, code: 'unknown_credential', message: 'The credential does not exist any more: choose another.' },
    ];
  }
  if (owner !== component.name) {
    const message = `The credential belongs to ${owner}: choose one of ${component.title}.`;
    return [{ pointer, code: 'wrong_credential', message }];
  }
  return [];
}
