import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '../../../../api/client.js';
import { keys } from '../../../../api/keys.js';
import type { CallerAuthentication } from '../../webhook/curl-text.js';

/** How callers prove that they have a credential of the webhook; undefined until it is known, and where it is not told. */
export function useCallerAuthentication(credentialId: string | undefined): CallerAuthentication | undefined {
  const { data } = useQuery({
    queryKey: [keys.credentials, 'authentication', credentialId],
    queryFn: ({ signal }) =>
      unwrap(
        api.GET('/v1/credentials/{credentialId}/authentication', {
          params: { path: { credentialId: credentialId ?? '' } },
          signal,
        }),
      ),
    enabled: credentialId !== undefined,
  });
  return credentialId === undefined ? { type: 'none' } : data;
}
