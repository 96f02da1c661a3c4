import { expect, it } from 'vitest';
import type { User } from '../../api/schema.generated.js';
import { isLastAdministrator, userState } from './user-words.js';

const user = (fields: Partial<User>): User => ({
  id: 'u',
  email: 'grace@example.com',
  name: 'Grace',
  role: 'administrator',
  disabled: false,
  invited: false,
  linkExpiresAt: null,
  lastSignInAt: null,
  createdAt: '2026-01-31T09:00:00.000Z',
  ...fields,
});

it('tells apart who can sign in and who cannot', () => {
  expect(userState(user({})).label).toBe('active');
  expect(userState(user({ invited: true, linkExpiresAt: '2026-02-07T09:00:00.000Z' })).label).toBe('invited');
  expect(userState(user({ invited: true })).label).toBe('invitation over');
  expect(userState(user({ invited: true, disabled: true })).label).toBe('disabled');
});

it('knows the last administrator: neither who is invited nor who is disabled stands in', () => {
  const ada = user({ id: 'ada' });
  const others = [
    user({ id: 'b', invited: true }),
    user({ id: 'c', disabled: true }),
    user({ id: 'd', role: 'member' }),
  ];
  expect(isLastAdministrator(ada, [ada, ...others])).toBe(true);
  expect(isLastAdministrator(ada, [ada, user({ id: 'e' }), ...others])).toBe(false);
  expect(isLastAdministrator(user({ role: 'member' }), [ada])).toBe(false);
});
