import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { api, unwrap } from '../../../api/client.js';
import { keys } from '../../../api/keys.js';
import { useDraft } from '../draft/use-draft.js';
import { methodOf, type CallerAuthentication, type HookCall } from './curl-text.js';

/** How the published version is called: its method, and how callers prove who they are. */
export function usePublishedCall(): UseQueryResult<Pick<HookCall, 'method' | 'authentication'>> {
  const { flow } = useDraft();
  const number = flow.publishedVersion ?? 0;
  return useQuery({
    queryKey: [keys.flows, 'call', flow.id, number],
    queryFn: async ({ signal }) => {
      const path = { flowId: flow.id, number: String(number) };
      const version = await unwrap(api.GET('/v1/flows/{flowId}/versions/{number}', { params: { path }, signal }));
      const [trigger] = version.definition.steps;
      const credentialId = trigger?.credentialId;
      const authentication = credentialId
        ? await readAuthentication(credentialId, signal)
        : ({ type: 'none' } as const);
      return { method: methodOf(trigger?.config), authentication };
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
