import type { User } from '../../api/schema.generated.js';
import type { Tone } from '../../ui/status-tone.js';

/** The state of a user in a word: what hinders a sign-in comes first. */
export function userState(user: Pick<User, 'disabled' | 'invited' | 'linkExpiresAt'>): { label: string; tone: Tone } {
  if (user.disabled) return { label: 'disabled', tone: 'bad' };
  if (user.invited && user.linkExpiresAt === null) return { label: 'invitation over', tone: 'bad' };
  if (user.invited) return { label: 'invited', tone: 'waiting' };
  return { label: 'active', tone: 'good' };
}

/**
 * Whether the user is the only one who can sign in as an administrator: the control plane refuses to take that away. Only
 * certain once all users have been loaded.
 */
export function isLastAdministrator(user: User, users: readonly User[]): boolean {
  const administers = (each: User): boolean => each.role === 'administrator' && !each.disabled && !each.invited;
  return administers(user) && users.filter(administers).length === 1;
}
