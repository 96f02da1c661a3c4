import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { api, unwrap } from '../../api/client.js';
import type { SetupState } from '../../api/schema.generated.js';

/** Whether nobody can sign in yet, so that Millrace has to be set up first. */
export function useSetupState(): UseQueryResult<SetupState> {
  return useQuery({
    queryKey: ['setup'],
    queryFn: ({ signal }) => unwrap(api.GET('/v1/setup', { signal })),
    staleTime: 30_000,
  });
}
