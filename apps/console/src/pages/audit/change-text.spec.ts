import { expect, it } from 'vitest';
import { changeText } from './change-text.js';

it('shows values as they are, and long ones cut', () => {
  expect(changeText('running')).toBe('running');
  expect(changeText({ a: 1 })).toBe('{"a":1}');
  expect(changeText(null)).toBe('null');
  expect(changeText('')).toBe('“”');
  expect(changeText(undefined)).toBeUndefined();
  expect(changeText('x'.repeat(100_000))?.length).toBeLessThan(2_100);
});
