import { expect, it } from 'vitest';
import { placeAfterSignIn, signInPath } from './sign-in-path.js';

it('comes back to where one was, with its filters', () => {
  const path = signInPath({ pathname: '/runs', search: '?status=failed', hash: '#x' });
  expect(path).toBe('/sign-in?from=%2Fruns%3Fstatus%3Dfailed%23x');
  const from = new URL(path, 'http://localhost').searchParams.get('from');
  expect(placeAfterSignIn(from)).toBe('/runs?status=failed#x');
  expect(signInPath({ pathname: '/', search: '', hash: '' })).toBe('/sign-in');
});

it.each([
  null,
  '',
  'runs',
  'https://evil.example/',
  '//evil.example/',
  '/\\evil.example/',
  '/\t/evil.example/',
  'javascript:alert(1)',
  '/sign-in?from=/sign-in',
])('leads to the dashboard instead of %j', (from) => {
  expect(placeAfterSignIn(from)).toBe('/');
});
