import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { FailureBound } from '@millrace/persistence';

/** Failed sign-ins are counted over this time. */
export const signInWindowSeconds = 15 * 60;

const failuresPerEmail = 10;
/** Higher, because one address may stand for a whole office. */
const failuresPerAddress = 50;

/** The two counts that a sign-in is bounded by, the one of the e-mail address first. */
export function signInBounds(email: string, address: string): [FailureBound, FailureBound] {
  return [
    { key: keyOf('email', email.toLowerCase()), limit: failuresPerEmail },
    { key: keyOf('address', networkOf(address)), limit: failuresPerAddress },
  ];
}

/** Hashed, so that the table holds no list of e-mail addresses and keys have one length. */
function keyOf(kind: string, value: string): string {
  return `${kind}:${createHash('sha256').update(value).digest('base64url')}`;
}

/** An IPv6 subscriber has a whole /64 to call from, so that is what counts; an IPv4 address counts as it is. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1]) return mapped[1];
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const before = head === '' ? [] : head.split(':');
  const after = tail ? tail.split(':') : [];
  const zeros = Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  return [...before, ...zeros, ...after]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
