/** A step that is done again until it succeeds: what is tested is that nothing is lost, not that somebody gives up. */
const patient = {
  retry: { maxAttempts: 40, initialDelayMs: 200, factor: 1.5, maxDelayMs: 1_000 },
  timeoutMs: 5_000,
} as const;

export interface StepDraft {
  readonly id: string;
  readonly component: string;
  readonly operation: string;
  readonly [setting: string]: unknown;
}

export function receive(credentialId: string, config: object = {}): StepDraft {
  return { id: 'step_1', component: 'webhook', operation: 'receive', credentialId, config, ...patient };
}

/** A pet with the id of its run as its name, for the Petstore takes no idempotency key. */
export function createPet(id: string, credentialId: string): StepDraft {
  const mapping = { name: '$run.id', status: '"sold"' };
  return { id, component: 'petstore', operation: 'createPet', credentialId, mapping, ...patient };
}

/** A step whose effect is counted by its idempotency key. */
export function record(id: string, mapping: object): StepDraft {
  return { id, component: 'probe', operation: 'record', mapping, ...patient };
}

/** Stops its branch until its resume URL is called. */
export function wait(id: string, config: object): StepDraft {
  return { id, component: 'webhook', operation: 'wait', config, ...patient };
}

/** The answer to the caller who waits. */
export function replyStep(id: string, mapping: object): StepDraft {
  return { id, component: 'webhook', operation: 'reply', mapping, ...patient };
}

export function split(id: string, count: string): StepDraft {
  return { id, component: 'probe', operation: 'split', mapping: { count }, ...patient };
}

export function edge(from: string, to: string, when: { condition?: string; default?: true } = {}): object {
  return { from, to, condition: null, ...when };
}
