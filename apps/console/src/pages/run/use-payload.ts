import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { api, unwrap } from '../../api/client.js';
import type { Elided, Run, StepRun } from '../../api/schema.generated.js';

export type PayloadPart = Elided['part'];

/** What is left out of a part of a step run for its size; undefined when the run holds it whole. */
export function elidedPart({ elided }: StepRun, part: PayloadPart): Elided | undefined {
  return elided.find((each) => each.part === part);
}

/** One part of a step run, whole. Asked for only when `wanted`: it may be large. */
export function usePayload(place: { run: Run; step: StepRun; part: PayloadPart }, wanted: boolean): UseQueryResult {
  const { run, step, part } = place;
  const { stepId, path } = step;
  return useQuery({
    queryKey: ['payload', run.id, stepId, path, part, step.finishedAt ?? step.attempts],
    queryFn: async ({ signal }) => {
      const params = { path: { runId: run.id, stepId }, query: { part, ...(path !== '' && { path }) } };
      return await unwrap(api.GET('/v1/runs/{runId}/steps/{stepId}/payload', { params, signal }));
    },
    enabled: wanted,
    staleTime: Infinity,
  });
}
