import { expect, it } from 'vitest';
import { freeName } from './free-name.js';

it('is the wanted name, or the first number that is free after it', () => {
  expect(freeName('Pets', [])).toBe('Pets');
  expect(freeName('Pets', ['Pets', 'Pets 2'])).toBe('Pets 3');
});
