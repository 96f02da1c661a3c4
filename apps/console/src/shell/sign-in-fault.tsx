import { Alert } from '@mantine/core';
import { IconAlertCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { asApiProblem } from '../api/api-problem.js';
import { ProblemAlert } from '../ui/problem-alert.js';

/** Why a sign-in failed, in the words that help there. */
export function SignInFault({ error }: { error: unknown }): ReactNode {
  if (error === null || error === undefined) return null;
  const { code, status, retryAfterSeconds } = asApiProblem(error);
  if (code === 'wrong_sign_in') {
    return <Fault title="The e-mail address or the password is wrong">Check both and try again.</Fault>;
  }
  if (status === 429) {
    return (
      <Fault title="Too many failed sign-ins">
        For safety you have to wait {waitWords(retryAfterSeconds)} before you try again.
      </Fault>
    );
  }
  return <ProblemAlert error={error} />;
}

function Fault({ title, children }: { title: string; children: ReactNode }): ReactNode {
  return (
    <Alert role="alert" color="red" title={title} icon={<IconAlertCircle aria-hidden="true" />}>
      {children}
    </Alert>
  );
}

function waitWords(seconds: number | undefined): string {
  if (seconds === undefined) return 'some minutes';
  return seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
}
