import { useMutation, type UseMutationResult } from '@tanstack/react-query';
import { ApiProblem } from '../../../../api/api-problem.js';
import { api, unwrap } from '../../../../api/client.js';
import type { TakenSample, TakeSample } from '../../../../api/schema.generated.js';
import { useDraft } from '../../draft/use-draft.js';

/** Gives a step a sample. The control plane looks at the draft as it is saved, so that is saved first. */
export function useTakeSample(stepId: string): UseMutationResult<TakenSample, unknown, TakeSample> {
  const { flow, saveNow, reloadSamples } = useDraft();
  return useMutation({
    mutationFn: async (body: TakeSample) => {
      if (!(await saveNow())) throw notSaved;
      const params = { path: { flowId: flow.id, stepId } };
      return unwrap(api.POST('/v1/flows/{flowId}/steps/{stepId}/sample', { params, body }));
    },
    onSuccess: () => reloadSamples(),
  });
}

export function useDeleteSample(stepId: string): UseMutationResult<void, unknown, void> {
  const { flow, reloadSamples } = useDraft();
  return useMutation({
    mutationFn: async () => {
      const params = { path: { flowId: flow.id, stepId } };
      try {
        await unwrap(api.DELETE('/v1/flows/{flowId}/steps/{stepId}/sample', { params }));
      } catch (error) {
        // Gone already, as it should be.
        if (!(error instanceof ApiProblem) || error.status !== 404) throw error;
      }
    },
    onSuccess: () => reloadSamples(),
  });
}

const notSaved = new ApiProblem({
  code: 'draft_unsaved',
  title: 'The draft could not be saved',
  status: 0,
  detail: 'A sample belongs to the step as it is saved. See at the top of the page why it is not, then try again.',
});
