import { Button, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type FormEvent, type ReactNode } from 'react';
import { Link, useLocation, useNavigate } from 'react-router';
import { api, unwrap } from '../../api/client.js';
import { sessionKey, type CurrentSession } from '../../api/session.js';
import { BeforeSignIn } from '../../shell/before-sign-in.js';
import { fieldFault } from '../../ui/field-fault.js';
import { newPasswordFault } from '../../ui/new-password.js';
import { NewPasswordFields } from '../../ui/new-password-fields.js';
import { ProblemAlert } from '../../ui/problem-alert.js';
import { linkToken } from './link-token.js';

/** Lets the holder of a one-time link choose a password, and signs in. */
export function InvitationPage(): ReactNode {
  const { hash } = useLocation();
  const navigate = useNavigate();
  const client = useQueryClient();
  // Kept here, so that the address can be cleaned at once: nobody reads the token over a shoulder or out of the history.
  const [token] = useState(() => linkToken(hash));
  const [chosen, setChosen] = useState({ password: '', again: '' });
  const [tried, setTried] = useState(false);
  useEffect(() => {
    if (token !== undefined)
      globalThis.history.replaceState(globalThis.history.state, '', globalThis.location.pathname);
    document.querySelector<HTMLInputElement>('input[name="new-password"]')?.focus();
  }, [token]);

  const accept = useMutation({
    mutationFn: (body: { token: string; password: string }) => unwrap(api.POST('/v1/invitations/accept', { body })),
    onSuccess: ({ user, workspace, expiresAt }) => {
      // Somebody else may have been signed in here.
      client.clear();
      client.setQueryData<CurrentSession>(sessionKey, { user, workspace, expiresAt });
      void navigate('/', { replace: true });
    },
  });
  if (token === undefined) {
    return (
      <BeforeSignIn title="The link is not whole" intro="It is good for one use and has a long token at its end.">
        <Stack>
          <Text size="sm">
            Open the link again as you were given it. If it was opened before, ask an administrator for a new one.
          </Text>
          <Button component={Link} to="/sign-in" variant="default">
            To the sign-in
          </Button>
        </Stack>
      </BeforeSignIn>
    );
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (newPasswordFault(chosen) === undefined) accept.mutate({ token, password: chosen.password });
  };
  return (
    <BeforeSignIn title="Choose your password" intro="You sign in with it and your e-mail address from now on.">
      <form onSubmit={submit} aria-label="Choose your password">
        <Stack>
          <ProblemAlert error={accept.error} shownPointers={['/password']} />
          <NewPasswordFields
            value={chosen}
            onChange={setChosen}
            shown={tried}
            fault={fieldFault(accept.error, '/password')}
          />
          <Button type="submit" loading={accept.isPending}>
            Save and sign in
          </Button>
        </Stack>
      </form>
    </BeforeSignIn>
  );
}
