import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '../../../api/client.js';
import { keys } from '../../../api/keys.js';
import type { Component } from '../../../api/schema.generated.js';

const none: ReadonlyMap<string, Component> = new Map();

/** The catalogue by name; empty until it is there. */
export function useComponents(): ReadonlyMap<string, Component> {
  const { data = none } = useQuery({
    queryKey: [keys.components, 'by-name'],
    queryFn: async ({ signal }) => {
      const { items } = await unwrap(api.GET('/v1/components', { signal }));
      return new Map(items.map((component) => [component.name, component]));
    },
    staleTime: 60_000,
    structuralSharing: false,
  });
  return data;
}
