import { expect, it } from 'vitest';
import { newPasswordFault } from './new-password.js';

it('takes a password that is long enough and typed twice the same', () => {
  expect(newPasswordFault({ password: 'a mill turns', again: 'a mill turns' })).toBeUndefined();
  expect(newPasswordFault({ password: 'too short', again: 'too short' })?.field).toBe('password');
  expect(newPasswordFault({ password: 'a mill turns', again: 'a mill Turns' })?.field).toBe('again');
});
