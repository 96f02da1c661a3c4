import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, unwrap } from '../../api/client.js';
import { keys } from '../../api/keys.js';
import type { Credential, CredentialStatus } from '../../api/schema.generated.js';
import { usePages } from '../../ui/use-pages.js';

export const credentialFilterNames = ['search', 'component', 'status'] as const;
export type CredentialFilterName = (typeof credentialFilterNames)[number];

/** The credentials that fit a filter, newest first. */
export function useCredentials({ search, component, status }: Readonly<Record<CredentialFilterName, string>>) {
  const asked = {
    ...(search !== '' && { search }),
    ...(component !== '' && { component }),
    ...(status !== '' && { status: status as CredentialStatus }),
  };
  return usePages<Credential>([keys.credentials, 'page', asked], (page, signal) =>
    unwrap(api.GET('/v1/credentials', { params: { query: { ...asked, ...page } }, signal })),
  );
}

/** Lets the component check a credential again. Whatever comes of it, the list is looked at anew: it holds the reason. */
export function useVerifyCredential() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id }: Credential) =>
      unwrap(api.POST('/v1/credentials/{credentialId}/verify', { params: { path: { credentialId: id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: [keys.credentials] }),
  });
}

export function useDeleteCredential() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id }: Credential) =>
      unwrap(api.DELETE('/v1/credentials/{credentialId}', { params: { path: { credentialId: id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: [keys.credentials] }),
  });
}
