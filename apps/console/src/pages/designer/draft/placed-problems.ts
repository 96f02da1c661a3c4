import type { FlowDraft } from '@millrace/flow-model';
import type { DraftProblem } from '../../../api/schema.generated.js';

/** What keeps the draft from being published, by the step where to mend it rather than by positions, which change. */
export interface PlacedProblem {
  /** `null` for what concerns the whole flow. */
  stepId: string | null;
  /** JSON pointer within the step: `/mapping/name`, `/credentialId`; of the edge that leads to it: `/condition`, `/default`. */
  field: string;
  code: string;
  message: string;
}

/** Finds the steps of the problems of `draft`, the very one that they were found in. */
export function placeProblems(draft: FlowDraft, problems: readonly DraftProblem[]): PlacedProblem[] {
  return problems.map(({ pointer, code, message }) => {
    const [, list, at = '', ...rest] = pointer.split('/');
    const field = rest.length === 0 ? '' : `/${rest.join('/')}`;
    if (list === 'steps' && at !== '') return { stepId: draft.steps[Number(at)]?.id ?? null, field, code, message };
    if (list === 'edges' && at !== '') return { stepId: draft.edges[Number(at)]?.to ?? null, field, code, message };
    return { stepId: null, field: pointer, code, message };
  });
}
