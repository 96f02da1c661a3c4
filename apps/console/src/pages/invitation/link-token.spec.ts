import { expect, it } from 'vitest';
import { linkToken } from './link-token.js';

it('is what stands in the fragment', () => {
  expect(linkToken('#token=mri_3q2-7wA')).toBe('mri_3q2-7wA');
});

it.each(['', '#', '#token=', '#other=1'])('is none in %j', (hash) => {
  expect(linkToken(hash)).toBeUndefined();
});
