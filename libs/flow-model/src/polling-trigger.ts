import type { OperationDescriptor } from '@millrace/contracts';
import type { DraftStep, FlowDraft } from './draft.js';
import type { Problem } from './problem.js';
import { defaultSchedule, readSchedule } from './schedule.js';
import type { Catalogue } from './validate.js';

/** Whether a step is called on a schedule. Of a published step its schedule tells: no other step may have one. */
export function isPolled(step: Pick<DraftStep, 'schedule'> | null | undefined): boolean {
  return step?.schedule != null;
}

/** Whether the first step of a draft is a polling trigger, by the catalogue. */
export function hasPollingTrigger(draft: FlowDraft, catalogue: Pick<Catalogue, 'component'>): boolean {
  const [first] = draft.steps;
  if (!first?.component) return false;
  const operations = catalogue.component(first.component)?.operations ?? [];
  return operations.some(({ name, triggerType }) => name === first.operation && triggerType === 'polling');
}

/** The draft as it is published: a polling trigger without a schedule gets the usual one, so that the version tells it. */
export function withSchedule(draft: FlowDraft, catalogue: Pick<Catalogue, 'component'>): FlowDraft {
  const [first, ...others] = draft.steps;
  if (!first || isPolled(first) || !hasPollingTrigger(draft, catalogue)) return draft;
  return { ...draft, steps: [{ ...first, schedule: defaultSchedule }, ...others] };
}

/** A schedule that is wrong, or that a step cannot have. */
export function scheduleProblems(step: DraftStep, stepPointer: string, operation: OperationDescriptor): Problem[] {
  const { schedule } = step;
  if (!schedule) return [];
  const pointer = `${stepPointer}/schedule`;
  if (operation.triggerType !== 'polling') {
    const why = operation.kind === 'trigger' ? 'is set off by calls' : 'is an action';
    const message = `“${operation.title}” ${why} and has no schedule: remove it.`;
    return [{ pointer, code: 'unexpected_schedule', message }];
  }
  const read = readSchedule(schedule);
  if (read.ok) return [];
  return read.faults.map(({ field, code, message }) => ({
    pointer: field === undefined ? pointer : `${pointer}/${field}`,
    code,
    message,
  }));
}
