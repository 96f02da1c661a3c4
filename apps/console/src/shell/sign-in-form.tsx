import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useSignIn } from '../api/session.js';
import { SignInFault } from './sign-in-fault.js';

export interface SignInFormProps {
  /** Whose password is asked for; without it the address is asked for, too. */
  email?: string;
  onSignedIn?: () => void;
}

/** E-mail address and password. What was typed stays when the sign-in fails. */
export function SignInForm({ email: known, onSignedIn }: SignInFormProps): ReactNode {
  const [email, setEmail] = useState(known ?? '');
  const [password, setPassword] = useState('');
  const signIn = useSignIn();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    signIn.mutate({ email, password }, onSignedIn && { onSuccess: onSignedIn });
  };
  return (
    <form onSubmit={submit} aria-label="Sign in">
      <Stack>
        <SignInFault error={signIn.error} />
        <TextInput
          label="E-mail address"
          type="email"
          name="email"
          autoComplete="username"
          required
          readOnly={known !== undefined}
          data-autofocus={known === undefined || undefined}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          name="password"
          autoComplete="current-password"
          required
          data-autofocus={known !== undefined || undefined}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" loading={signIn.isPending}>
          Sign in
        </Button>
      </Stack>
    </form>
  );
}
