import type { FlowDraft } from '@millrace/flow-model';

const pattern = /^step_(\d{1,9})$/;

/** Hands out ids that no step had before. */
export interface StepIds {
  /** Notes ids that are, or were, in use. */
  note: (ids: Iterable<string>) => void;
  take: () => string;
}

/**
 * Ids `step_1`, `step_2` … in the order in which they are taken. An id of a deleted step does not come again, for its sample
 * and the expressions that name it would seem to belong to the new step.
 */
export function createStepIds(): StepIds {
  let highest = 0;
  return {
    note: (ids) => {
      for (const id of ids) highest = Math.max(highest, Number(pattern.exec(id)?.[1] ?? 0));
    },
    take: () => {
      highest += 1;
      return `step_${highest}`;
    },
  };
}

export function idsOf(draft: FlowDraft): string[] {
  return draft.steps.map(({ id }) => id);
}
