import type { Component, Operation } from '../../api/schema.generated.js';

const idempotencies: Readonly<Record<Operation['idempotency'], string>> = {
  none: 'A retry may have its effect twice: the other system cannot tell one attempt from another',
  key: 'A retry has its effect once: each attempt sends the same idempotency key',
  natural: 'A retry does no harm: doing it twice is the same as doing it once',
};

/** The id of an operation's place in the page. Bare, a name from outside could stand for something of the browser's own. */
export function operationAnchor({ name }: Pick<Operation, 'name'>): string {
  return `operation-${name}`;
}

/** What else there is to know of an operation, in sentences. */
export function operationFacts(operation: Operation, component: Pick<Component, 'credentials'>): string[] {
  const { kind, triggerType, idempotency, waits, retrievesSample, dynamicSchemas, needsCredential } = operation;
  const needs = needsCredential ?? component.credentials?.required ?? false;
  const facts = [
    triggerType === 'webhook' && 'Set off by each call of the webhook URL of the flow',
    triggerType === 'polling' && 'Asks the other system on a schedule for what is new',
    kind === 'action' && idempotencies[idempotency],
    component.credentials !== null && (needs ? 'Needs a credential' : 'Works without a credential'),
    waits && 'Waits for a call of its resume URL before the flow goes on',
    retrievesSample ? 'Can retrieve a sample from the real system' : 'Its sample is generated or given by hand',
    dynamicSchemas?.input && 'More input fields come from the other system',
    dynamicSchemas?.output && 'More output fields come from the other system',
  ];
  return facts.filter((fact) => typeof fact === 'string');
}
