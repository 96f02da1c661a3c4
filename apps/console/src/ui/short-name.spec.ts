import { expect, it } from 'vitest';
import { shortName } from './short-name.js';

it('quotes a name, isolates its direction, and cuts it between letters when it is long', () => {
  expect(shortName('Pets')).toBe('“\u2068Pets\u2069”');
  expect(shortName('🐶'.repeat(100))).toBe(`“\u2068${'🐶'.repeat(60)}…\u2069”`);
});
