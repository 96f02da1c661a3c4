import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { api, unwrap } from '../../api/client.js';
import { keys } from '../../api/keys.js';
import type { Flow } from '../../api/schema.generated.js';

/** One flow, current while it is shown. */
export function useFlow(flowId: string, { enabled = true } = {}): UseQueryResult<Flow> {
  return useQuery({
    queryKey: [keys.flows, 'one', flowId],
    queryFn: ({ signal }) => unwrap(api.GET('/v1/flows/{flowId}', { params: { path: { flowId } }, signal })),
    enabled,
  });
}
