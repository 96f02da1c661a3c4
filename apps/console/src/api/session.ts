import {
  queryOptions,
  useMutation,
  useQuery,
  useQueryClient,
  type Query,
  type QueryClient,
  type UseQueryResult,
} from '@tanstack/react-query';
import { ApiProblem } from './api-problem.js';
import { api, unwrap } from './client.js';
import type { CurrentSession, SignIn } from './schema.generated.js';

export type { CurrentSession };
export type Role = CurrentSession['user']['role'];

export const sessionKey = ['session'] as const;
/** True when a session that was good on this page is not any more; the page stays, so that nothing typed is lost. */
const sessionEndedKey = ['session-ended'] as const;

/** Who is signed in; `null` when nobody is. Keeps whom it knew when the session ends meanwhile: see `useSessionEnded`. */
export function useSession(): UseQueryResult<CurrentSession | null> {
  return useQuery(sessionQuery(useQueryClient()));
}

/** Asks who is signed in before the first page is there to do it: that one waits for the answer. */
export function askForSession(client: QueryClient): void {
  void client.prefetchQuery(sessionQuery(client));
}

function sessionQuery(client: QueryClient) {
  return queryOptions({
    queryKey: sessionKey,
    queryFn: async ({ signal }): Promise<CurrentSession | null> => {
      try {
        return await unwrap(api.GET('/v1/sessions/current', { signal }));
      } catch (error) {
        if (!(error instanceof ApiProblem) || error.status !== 401) throw error;
        endSession(client);
        return client.getQueryData<CurrentSession>(sessionKey) ?? null;
      }
    },
    staleTime: 60_000,
  });
}

/** The session of a page behind the sign-in. @throws Error on a page before it. */
export function useCurrentSession(): CurrentSession {
  const { data } = useSession();
  if (!data) throw new Error('Nobody is signed in here');
  return data;
}

/** Whether the signed-in user may do what only administrators may. */
export function useIsAdministrator(): boolean {
  return useSession().data?.user.role === 'administrator';
}

/** Whether the user of this page has to sign in again. */
export function useSessionEnded(): boolean {
  const { data } = useQuery({
    queryKey: sessionEndedKey,
    queryFn: () => false,
    initialData: false,
    staleTime: Infinity,
  });
  return data;
}

/** Notes that the control plane does not take the session any more. */
export function endSession(client: QueryClient): void {
  if (client.getQueryData(sessionKey)) client.setQueryData(sessionEndedKey, true);
}

/** Signs in. Whatever the page had asked for is asked for again; of another user's data nothing is kept. */
export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: SignIn) => unwrap(api.POST('/v1/sessions', { body })),
    onSuccess: ({ user, workspace, expiresAt }) => {
      const before = client.getQueryData<CurrentSession | null>(sessionKey);
      const others = {
        predicate: ({ queryKey }: Query) => ![sessionKey[0], sessionEndedKey[0]].includes(queryKey[0] as never),
      };
      client.setQueryData(sessionEndedKey, false);
      client.setQueryData<CurrentSession>(sessionKey, { user, workspace, expiresAt });
      if (before && before.user.id !== user.id) void client.resetQueries(others);
      else void client.invalidateQueries(others);
    },
  });
}

/** Signs out. A session that has ended already counts as signed out. */
export function useSignOut() {
  return useMutation({
    mutationFn: async () => {
      try {
        await unwrap(api.DELETE('/v1/sessions/current'));
      } catch (error) {
        if (!(error instanceof ApiProblem) || error.status !== 401) throw error;
      }
    },
    // Loaded anew, the page holds nothing of who was signed in.
    onSuccess: () => globalThis.location.assign('/sign-in'),
  });
}
