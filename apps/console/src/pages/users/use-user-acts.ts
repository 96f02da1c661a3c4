import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, unwrap } from '../../api/client.js';
import { keys } from '../../api/keys.js';
import { sessionKey } from '../../api/session.js';
import type { ChangeUser, User } from '../../api/schema.generated.js';
import { notifyProblem } from '../../ui/notify-problem.js';

/** What an administrator can do to a user. The list is looked at again after each; refusals are shown as notifications. */
export function useUserActs() {
  const client = useQueryClient();
  const refresh = (): void => {
    void client.invalidateQueries({ queryKey: [keys.users] });
    // It may have been the role of who looks at the page.
    void client.invalidateQueries({ queryKey: sessionKey });
  };
  const path = (user: User) => ({ params: { path: { userId: user.id } } });
  const change = useMutation({
    mutationFn: ({ user, body }: { user: User; body: ChangeUser }) =>
      unwrap(api.PATCH('/v1/users/{userId}', { ...path(user), body })),
    onSuccess: refresh,
  });
  const remove = useMutation({
    mutationFn: (user: User) => unwrap(api.DELETE('/v1/users/{userId}', path(user))),
    onSuccess: refresh,
    onError: notifyProblem,
  });
  const link = useMutation({
    mutationFn: (user: User) => unwrap(api.POST('/v1/users/{userId}/link', path(user))),
    onSuccess: refresh,
  });
  return { change, remove, link };
}
