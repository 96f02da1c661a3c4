import { useMutation, useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { api, unwrap } from '../../api/client.js';
import { keys } from '../../api/keys.js';
import type { BulkAction, BulkJob } from '../../api/schema.generated.js';

const openEveryMs = 1_000;

/** Begins a job that acts on many runs. */
export function useStartJob() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: BulkAction) => unwrap(api.POST('/v1/runs/bulk', { body })),
    onSuccess: (job) => client.setQueryData([keys.jobs, job.id], job),
  });
}

/** A job with its progress, as long as it goes on. */
export function useJob(jobId: string): UseQueryResult<BulkJob> {
  return useQuery({
    queryKey: [keys.jobs, jobId],
    queryFn: ({ signal }) => unwrap(api.GET('/v1/jobs/{jobId}', { params: { path: { jobId } }, signal })),
    refetchInterval: ({ state }) => (state.data && isOver(state.data) ? false : openEveryMs),
  });
}

export function useCancelJob(jobId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => unwrap(api.POST('/v1/jobs/{jobId}/cancel', { params: { path: { jobId } } })),
    onSettled: () => client.invalidateQueries({ queryKey: [keys.jobs, jobId] }),
  });
}

export function isOver({ status }: BulkJob): boolean {
  return status === 'done' || status === 'cancelled';
}
