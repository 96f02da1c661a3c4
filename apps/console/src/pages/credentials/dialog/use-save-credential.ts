import { useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query';
import { useRef } from 'react';
import { api, unwrap } from '../../../api/client.js';
import { keys } from '../../../api/keys.js';
import type { Credential } from '../../../api/schema.generated.js';

/** What is saved: a new credential, or changes of one. */
export type CredentialToSave =
  | { component: string; name: string; fields: Record<string, unknown> }
  | { id: string; name?: string; fields?: Record<string, unknown> };

/** How long the component may take to check it. */
export const longestVerificationMs = 30_000;

/** Lets the component verify a credential and stores it. `cancel` stops waiting for the answer. */
export function useSaveCredential(): UseMutationResult<Credential | undefined, unknown, CredentialToSave> & {
  cancel: () => void;
} {
  const client = useQueryClient();
  const waiting = useRef<AbortController>(undefined);
  const mutation = useMutation({
    mutationFn: async (given: CredentialToSave): Promise<Credential | undefined> => {
      const controller = new AbortController();
      waiting.current = controller;
      try {
        return await save(given, controller.signal);
      } catch (error) {
        if (controller.signal.aborted) return undefined;
        throw error;
      }
    },
    // Also after a cancellation: the control plane may have stored it before it heard of that.
    onSettled: () => client.invalidateQueries({ queryKey: [keys.credentials] }),
  });
  return { ...mutation, cancel: () => waiting.current?.abort() };
}

function save(given: CredentialToSave, signal: AbortSignal): Promise<Credential> {
  if ('component' in given) return unwrap(api.POST('/v1/credentials', { body: given, signal }));
  const { id, ...body } = given;
  const params = { path: { credentialId: id } };
  return unwrap(api.PATCH('/v1/credentials/{credentialId}', { params, body, signal }));
}
