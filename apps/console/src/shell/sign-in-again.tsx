import { Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Dialog } from '../ui/dialog.js';
import { SignInForm } from './sign-in-form.js';

/** Asks for the password over the page that was open when the session ended. */
export function SignInAgain({ email }: { email: string }): ReactNode {
  return (
    <Dialog
      onClose={() => undefined}
      title="Sign in again"
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
    >
      <Stack>
        <Text size="sm">Your session has ended. This page stays as it is, with all that you have typed.</Text>
        <SignInForm email={email} />
      </Stack>
    </Dialog>
  );
}
