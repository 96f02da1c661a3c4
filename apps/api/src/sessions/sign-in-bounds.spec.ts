import { describe, expect, it } from 'vitest';
import { networkOf, signInBounds } from './sign-in-bounds.js';

describe('the bounds of a sign-in', () => {
  it('do not tell letter case of e-mail addresses apart, nor hold them in clear', () => {
    const [upper] = signInBounds('Ada@Example.com', '10.0.0.1');
    const [lower] = signInBounds('ada@example.com', '10.0.0.2');
    expect(upper).toEqual(lower);
    expect(upper.key).not.toContain('example');
  });

  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:0:1:aaaa:bbbb:cccc:dddd', '2001:db8:0:1'],
    ['2001:db8:0:1::7', '2001:db8:0:1'],
    ['2001:DB8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
  ])('count %s as %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
