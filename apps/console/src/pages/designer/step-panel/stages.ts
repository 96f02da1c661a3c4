import type { DraftStep } from '@millrace/flow-model';
import type { Component, Operation } from '../../../api/schema.generated.js';
import { fieldsOf, isNeeded } from '../../../forms/fields.js';

/** What is settled of a step, in this order. */
export type Stage = 'component' | 'operation' | 'credential' | 'fields' | 'sample' | 'summary';

export interface StageInput {
  step: DraftStep;
  isTrigger: boolean;
  component: Component | undefined;
  operation: Operation | undefined;
}

/** The operations that a step at its place can have. */
export function operationsFor(component: Component, isTrigger: boolean): Operation[] {
  return component.operations.filter(({ kind }) => kind === (isTrigger ? 'trigger' : 'action'));
}

/** Whether a step of the operation must have a credential. */
export function needsCredential(component: Component, operation: Operation | undefined): boolean {
  return component.credentials !== null && (operation?.needsCredential ?? component.credentials.required);
}

/** The stages that a step has. Before a component is chosen it is not known which there will be. */
export function stagesOf({ step, isTrigger, component }: StageInput): Stage[] {
  if (!component) return ['component'];
  const choices = operationsFor(component, isTrigger);
  const chosenAlone = choices.length === 1 && choices[0]?.name === step.operation;
  return [
    'component',
    ...(chosenAlone ? [] : (['operation'] as const)),
    ...(component.credentials ? (['credential'] as const) : []),
    'fields',
    'sample',
    'summary',
  ];
}

/** Whether a stage holds what a step must have. */
export function isSettled(
  stage: Stage,
  { step, component, operation }: StageInput,
  problemFields: readonly string[],
): boolean {
  switch (stage) {
    case 'component':
      return component !== undefined;
    case 'operation':
      return operation !== undefined;
    case 'credential':
      return component !== undefined && (Boolean(step.credentialId) || !needsCredential(component, operation));
    case 'fields':
      return operation !== undefined && !problemFields.some((field) => stageOfField(field) === 'fields');
    case 'sample':
    case 'summary':
      return true;
  }
}

/** Where to begin: the first stage that is not settled, or the summary of a step that is. */
export function firstStage(input: StageInput, problemFields: readonly string[]): Stage {
  return (
    stagesOf(input).find((stage) => !isSettled(stage, input, problemFields)) ??
    (input.component ? 'summary' : 'component')
  );
}

/**
 * The stage after another. A trigger that asks for nothing leads past its configuration, which can be opened all the same.
 */
export function nextStage(stage: Stage, input: StageInput): Stage {
  const stages = stagesOf(input);
  const next = stages[stages.indexOf(stage) + 1] ?? 'summary';
  return next === 'fields' && stage !== 'fields' && asksForNothing(input) ? nextStage('fields', input) : next;
}

export function previousStage(stage: Stage, input: StageInput): Stage | undefined {
  const stages = stagesOf(input);
  return stages[stages.indexOf(stage) - 1];
}

/** The stage where the field of a problem is, by its pointer within the step. */
export function stageOfField(field: string): Stage {
  const [, first] = field.split('/');
  switch (first) {
    case 'component':
    case 'operation':
      return first;
    case 'credentialId':
      return 'credential';
    case 'name':
    case 'note':
      return 'summary';
    case 'sample':
      return 'sample';
    default:
      return 'fields';
  }
}

function asksForNothing({ isTrigger, operation }: StageInput): boolean {
  if (!isTrigger || operation?.triggerType !== 'webhook') return false;
  return !fieldsOf(operation.config).some(isNeeded);
}
