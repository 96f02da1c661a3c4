import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { api, unwrap } from '../../../api/client.js';
import { keys } from '../../../api/keys.js';
import { useDraft } from '../draft/use-draft.js';
import type { CallerAuthentication } from './curl-text.js';

/** How callers of the published version prove who they are. */
export function usePublishedAuthentication(): UseQueryResult<CallerAuthentication> {
  const { flow } = useDraft();
  const number = flow.publishedVersion ?? 0;
  return useQuery({
    queryKey: [keys.flows, 'authentication', flow.id, number],
    queryFn: async ({ signal }): Promise<CallerAuthentication> => {
      const path = { flowId: flow.id, number: String(number) };
      const version = await unwrap(api.GET('/v1/flows/{flowId}/versions/{number}', { params: { path }, signal }));
      const credentialId = version.definition.steps[0]?.credentialId;
      return credentialId ? readAuthentication(credentialId, signal) : { type: 'none' };
    },
    enabled: number > 0,
  });
}

/** How callers prove that they have a credential of the webhook; undefined until it is known, and where it is not told. */
export function useCallerAuthentication(credentialId: string | undefined): CallerAuthentication | undefined {
  const { data } = useQuery({
    queryKey: [keys.credentials, 'authentication', credentialId],
    queryFn: ({ signal }) => readAuthentication(credentialId ?? '', signal),
    enabled: credentialId !== undefined,
  });
  return credentialId === undefined ? { type: 'none' } : data;
}

async function readAuthentication(credentialId: string, signal: AbortSignal): Promise<CallerAuthentication> {
  const params = { path: { credentialId } };
  return unwrap(api.GET('/v1/credentials/{credentialId}/authentication', { params, signal }));
}
