import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { api, unwrap } from '../../../api/client.js';
import { keys } from '../../../api/keys.js';
import type { Credential, CredentialList } from '../../../api/schema.generated.js';

const keyOf = (component: string) => [keys.credentials, 'of', component];

/** The credentials that a step of the component can use. Nothing is asked before a component is chosen. */
export function useCredentialsOf(component: string | undefined) {
  return useQuery({
    queryKey: keyOf(component ?? ''),
    queryFn: ({ signal }) => {
      const query = { component: component ?? '', limit: 100 };
      return unwrap(api.GET('/v1/credentials', { params: { query }, signal }));
    },
    enabled: component !== undefined,
  });
}

/** Puts a credential that was just created at the head of those of its component. */
export function useNoteCreated(): (credential: Credential) => void {
  const client = useQueryClient();
  return useCallback(
    (credential) =>
      void client.setQueryData<CredentialList>(keyOf(credential.component), (before) => ({
        nextCursor: before?.nextCursor ?? null,
        items: [credential, ...(before?.items ?? []).filter(({ id }) => id !== credential.id)],
      })),
    [client],
  );
}
