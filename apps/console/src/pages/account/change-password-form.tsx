import { Alert, Button, Group, PasswordInput, Stack } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent, type ReactNode } from 'react';
import { api, unwrap } from '../../api/client.js';
import type { ChangePassword } from '../../api/schema.generated.js';
import { SignInFault } from '../../shell/sign-in-fault.js';
import { fieldFault } from '../../ui/field-fault.js';
import { newPasswordFault } from '../../ui/new-password.js';
import { NewPasswordFields } from '../../ui/new-password-fields.js';
import { ProblemAlert } from '../../ui/problem-alert.js';
import { asApiProblem } from '../../api/api-problem.js';

/** Asks for the present password and for a new one, twice. */
export function ChangePasswordForm({ email }: { email: string }): ReactNode {
  const [currentPassword, setCurrentPassword] = useState('');
  const [chosen, setChosen] = useState({ password: '', again: '' });
  const [tried, setTried] = useState(false);
  const change = useMutation({
    mutationFn: (body: ChangePassword) => unwrap(api.PUT('/v1/sessions/current/password', { body })),
    onSuccess: () => {
      setCurrentPassword('');
      setChosen({ password: '', again: '' });
      setTried(false);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (newPasswordFault(chosen) === undefined) {
      change.mutate({ currentPassword, newPassword: chosen.password });
    }
  };
  const tooMany = change.error !== null && asApiProblem(change.error).status === 429;
  return (
    <form onSubmit={submit} aria-label="Change password">
      <Stack>
        {change.isSuccess && (
          <Alert
            role="status"
            color="green"
            icon={<IconCircleCheck aria-hidden="true" />}
            title="The password is changed"
          >
            Your other sessions have ended. API tokens stay as they are.
          </Alert>
        )}
        {tooMany ? (
          <SignInFault error={change.error} />
        ) : (
          <ProblemAlert error={change.error} shownPointers={['/currentPassword', '/newPassword']} />
        )}
        {/* Password managers find by it which entry to change. */}
        <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
        <PasswordInput
          label="Present password"
          autoComplete="current-password"
          required
          value={currentPassword}
          error={fieldFault(change.error, '/currentPassword')}
          onChange={(event) => setCurrentPassword(event.currentTarget.value)}
        />
        <NewPasswordFields
          value={chosen}
          onChange={setChosen}
          shown={tried}
          fault={fieldFault(change.error, '/newPassword')}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={change.isPending}>
            Change password
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
