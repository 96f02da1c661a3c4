import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { api, unwrap } from '../../../api/client.js';
import { keys } from '../../../api/keys.js';
import type { Sample } from '../../../api/schema.generated.js';

/** What a step puts out, for example. */
export type StepSample = Omit<Sample, 'capture'>;

const none: readonly StepSample[] = [];

/** The samples of all steps of a flow, by step. */
export function useSamples(flowId: string): {
  samples: ReadonlyMap<string, StepSample>;
  reloadSamples: () => Promise<void>;
} {
  const client = useQueryClient();
  const { data = none } = useQuery({
    queryKey: [keys.flows, 'samples', flowId],
    queryFn: ({ signal }) => readSamples(flowId, signal),
  });
  const samples = useMemo(() => new Map(data.map((sample) => [sample.stepId, sample])), [data]);
  const reloadSamples = useCallback(
    () => client.invalidateQueries({ queryKey: [keys.flows, 'samples', flowId] }),
    [client, flowId],
  );
  return { samples, reloadSamples };
}

async function readSamples(flowId: string, signal: AbortSignal): Promise<StepSample[]> {
  const path = { flowId };
  const { items } = await unwrap(api.GET('/v1/flows/{flowId}/samples', { params: { path }, signal }));
  return Promise.all(
    items.map(async ({ elided, ...sample }) => {
      if (elided.length === 0) return sample;
      // Too much for the list; one by one they come whole.
      const params = { path: { ...path, stepId: sample.stepId } };
      return unwrap(api.GET('/v1/flows/{flowId}/steps/{stepId}/sample', { params, signal }));
    }),
  );
}
