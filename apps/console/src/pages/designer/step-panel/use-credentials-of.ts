import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { api, unwrap } from '../../../api/client.js';
import { keys } from '../../../api/keys.js';
import type { Credential } from '../../../api/schema.generated.js';

const pageSize = 100;
/** Nobody chooses from a longer list. */
const maxCredentials = 2_000;

interface CredentialsOf {
  items: readonly Credential[];
  /** There are no others. */
  isWhole: boolean;
}

const keyOf = (component: string) => [keys.credentials, 'of', component];

/** The credentials that a step of the component can use, newest first. Nothing is asked before a component is chosen. */
export function useCredentialsOf(component: string | undefined) {
  return useQuery({
    queryKey: keyOf(component ?? ''),
    queryFn: ({ signal }) => readAll(component ?? '', signal),
    enabled: component !== undefined,
  });
}

/** Puts a credential that was just created at the head of those of its component. */
export function useNoteCreated(): (credential: Credential) => void {
  const client = useQueryClient();
  return useCallback(
    (credential) =>
      void client.setQueryData<CredentialsOf>(keyOf(credential.component), (before) => ({
        isWhole: before?.isWhole ?? false,
        items: [credential, ...(before?.items ?? []).filter(({ id }) => id !== credential.id)],
      })),
    [client],
  );
}

async function readAll(component: string, signal: AbortSignal): Promise<CredentialsOf> {
  const items: Credential[] = [];
  let cursor: string | undefined;
  do {
    const query = { component, limit: pageSize, ...(cursor !== undefined && { cursor }) };
    const page = await unwrap(api.GET('/v1/credentials', { params: { query }, signal }));
    items.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && items.length < maxCredentials);
  return { items, isWhole: cursor === undefined };
}
