import { queryOptions, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { api, unwrap } from './client.js';
import { keys } from './keys.js';
import type { Component } from './schema.generated.js';

const catalogue = queryOptions({
  queryKey: [keys.components, 'catalogue'],
  // It comes as one page.
  queryFn: async ({ signal }): Promise<readonly Component[]> =>
    (await unwrap(api.GET('/v1/components', { signal }))).items,
  staleTime: 30_000,
});

const none: ReadonlyMap<string, Component> = new Map();

/** All components with their descriptors. */
export function useCatalogue(): UseQueryResult<readonly Component[]> {
  return useQuery(catalogue);
}

/** The same by name; empty until it is there. */
export function useComponentsByName(): ReadonlyMap<string, Component> {
  return useQuery({ ...catalogue, select: byName }).data ?? none;
}

function byName(components: readonly Component[]): ReadonlyMap<string, Component> {
  return new Map(components.map((component) => [component.name, component]));
}
