/** A new password as it was typed, twice. */
export interface ChosenPassword {
  password: string;
  again: string;
}

const minLength = 12;

/** What is wrong with it, or undefined. The control plane has the last word. */
export function newPasswordFault({
  password,
  again,
}: ChosenPassword): { field: keyof ChosenPassword; message: string } | undefined {
  if (password.length < minLength) {
    return { field: 'password', message: `must have at least ${minLength} characters` };
  }
  if (password !== again) return { field: 'again', message: 'is not the same as above' };
  return undefined;
}
