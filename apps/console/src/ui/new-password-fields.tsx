import { PasswordInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { newPasswordFault, type ChosenPassword } from './new-password.js';

export interface NewPasswordFieldsProps {
  value: ChosenPassword;
  onChange: (value: ChosenPassword) => void;
  /** Whether faults are shown: once it was tried to save. */
  shown: boolean;
  /** What the control plane says of the password. */
  fault?: string | undefined;
}

/** A new password, twice. */
export function NewPasswordFields({ value, onChange, shown, fault }: NewPasswordFieldsProps): ReactNode {
  const own = shown ? newPasswordFault(value) : undefined;
  return (
    <>
      <PasswordInput
        label="New password"
        description="At least 12 characters; a few words that only you put together do well"
        autoComplete="new-password"
        name="new-password"
        required
        maxLength={1024}
        value={value.password}
        error={own?.field === 'password' ? own.message : fault}
        onChange={(event) => onChange({ ...value, password: event.currentTarget.value })}
      />
      <PasswordInput
        label="New password again"
        autoComplete="new-password"
        name="new-password-again"
        required
        maxLength={1024}
        value={value.again}
        error={own?.field === 'again' ? own.message : undefined}
        onChange={(event) => onChange({ ...value, again: event.currentTarget.value })}
      />
    </>
  );
}
