import { Alert, Button, Code, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent, type ReactNode } from 'react';
import { Link, useNavigate } from 'react-router';
import { api, unwrap } from '../../api/client.js';
import type { SetUp } from '../../api/schema.generated.js';
import { sessionKey, type CurrentSession } from '../../api/session.js';
import { BeforeSignIn } from '../../shell/before-sign-in.js';
import { fieldFault } from '../../ui/field-fault.js';
import { LoadingRows } from '../../ui/loading.js';
import { newPasswordFault } from '../../ui/new-password.js';
import { NewPasswordFields } from '../../ui/new-password-fields.js';
import { ProblemAlert } from '../../ui/problem-alert.js';
import { useSetupState } from './use-setup-state.js';

const command = 'node apps/api/dist/setup-token.js';
const title = 'Set up Millrace';

/** Makes the first workspace and its administrator, as long as there is none. */
export function SetupPage(): ReactNode {
  const state = useSetupState();
  if (state.data?.needed) return <SetupForm />;
  return (
    <BeforeSignIn title={title} intro="Makes the first workspace and its administrator.">
      {state.isPending && <LoadingRows count={3} />}
      {state.isError && !state.data && <ProblemAlert error={state.error} onRetry={state.refetch} />}
      {state.data && (
        <Stack>
          <Alert color="cyan" title="Millrace is set up already">
            Sign in, or ask an administrator for an invitation.
          </Alert>
          <Button component={Link} to="/sign-in">
            To the sign-in
          </Button>
        </Stack>
      )}
    </BeforeSignIn>
  );
}

const shownPointers = ['/setupToken', '/workspaceName', '/name', '/email', '/password'];

function SetupForm(): ReactNode {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [fields, setFields] = useState({ setupToken: '', workspaceName: '', name: '', email: '' });
  const [chosen, setChosen] = useState({ password: '', again: '' });
  const [tried, setTried] = useState(false);
  const setUp = useMutation({
    mutationFn: (body: SetUp) => unwrap(api.POST('/v1/setup', { body })),
    onSuccess: ({ user, workspace, expiresAt }) => {
      client.setQueryData(['setup'], { needed: false });
      client.setQueryData<CurrentSession>(sessionKey, { user, workspace, expiresAt });
      void navigate('/', { replace: true });
    },
  });
  const field = (name: keyof typeof fields) => ({
    required: true,
    value: fields[name],
    error: fieldFault(setUp.error, `/${name}`),
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setFields((before) => ({ ...before, [name]: value }));
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (newPasswordFault(chosen) === undefined) setUp.mutate({ ...fields, password: chosen.password });
  };
  return (
    <BeforeSignIn title={title} intro="Nobody can sign in yet: make the workspace and its first administrator.">
      <form onSubmit={submit} aria-label={title}>
        <Stack>
          <ProblemAlert error={setUp.error} shownPointers={shownPointers} />
          <PasswordInput
            label="Set-up token"
            description={
              <>
                It shows that this Millrace is yours: <Code>{command}</Code> prints it where the api runs
              </>
            }
            autoComplete="off"
            {...field('setupToken')}
          />
          <TextInput
            label="Name of the workspace"
            placeholder="Example Ltd"
            maxLength={200}
            {...field('workspaceName')}
          />
          <TextInput
            label="Your name"
            placeholder="Grace Hopper"
            autoComplete="name"
            maxLength={200}
            {...field('name')}
          />
          <TextInput label="E-mail address" type="email" autoComplete="username" maxLength={320} {...field('email')} />
          <NewPasswordFields
            value={chosen}
            onChange={setChosen}
            shown={tried}
            fault={fieldFault(setUp.error, '/password')}
          />
          <Button type="submit" loading={setUp.isPending}>
            Set up and sign in
          </Button>
        </Stack>
      </form>
    </BeforeSignIn>
  );
}
