import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { api, unwrap } from '../../../api/client.js';
import { keys } from '../../../api/keys.js';
import type { Component } from '../../../api/schema.generated.js';

/** All components with their descriptors. */
export function useCatalogue(): UseQueryResult<readonly Component[]> {
  return useQuery({
    queryKey: [keys.components, 'catalogue'],
    queryFn: async ({ signal }) => (await unwrap(api.GET('/v1/components', { signal }))).items,
    staleTime: 30_000,
  });
}
