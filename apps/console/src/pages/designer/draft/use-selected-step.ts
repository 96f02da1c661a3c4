import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';

export interface SelectedStep {
  selectedStepId: string | null;
  selectedField: string | null;
  select: (stepId: string | null, field?: string) => void;
}

/** The step and field that the address names: `?step=step_2&field=/mapping/name`. Back closes what was opened. */
export function useSelectedStep(): SelectedStep {
  const [params, setParams] = useSearchParams();
  const selectedStepId = params.get('step');
  const selectedField = params.get('field');
  const select = useCallback(
    (stepId: string | null, field?: string) => {
      setParams(
        (before) => {
          const next = new URLSearchParams(before);
          next.delete('step');
          next.delete('field');
          if (stepId !== null) next.set('step', stepId);
          if (stepId !== null && field) next.set('field', field);
          return next;
        },
        // From one step to another is no new place to come back to.
        { replace: selectedStepId !== null && stepId !== null, preventScrollReset: true },
      );
    },
    [setParams, selectedStepId],
  );
  return useMemo(() => ({ selectedStepId, selectedField, select }), [selectedStepId, selectedField, select]);
}
