import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { api, unwrap } from '../../api/client.js';
import { keys } from '../../api/keys.js';
import type { Component, ComponentList } from '../../api/schema.generated.js';

/** All components: the catalogue comes as one page. */
export function useCatalogue(): UseQueryResult<ComponentList> {
  return useQuery({
    queryKey: [keys.components, 'list'],
    queryFn: ({ signal }) => unwrap(api.GET('/v1/components', { signal })),
  });
}

export function useComponent(name: string): UseQueryResult<Component> {
  return useQuery({
    queryKey: [keys.components, 'one', name],
    queryFn: ({ signal }) => unwrap(api.GET('/v1/components/{name}', { params: { path: { name } }, signal })),
  });
}
