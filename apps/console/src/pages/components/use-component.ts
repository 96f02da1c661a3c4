import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { api, unwrap } from '../../api/client.js';
import { keys } from '../../api/keys.js';
import type { Component } from '../../api/schema.generated.js';

/** One component with its descriptor. */
export function useComponent(name: string): UseQueryResult<Component> {
  return useQuery({
    queryKey: [keys.components, 'one', name],
    queryFn: ({ signal }) => unwrap(api.GET('/v1/components/{name}', { params: { path: { name } }, signal })),
  });
}
