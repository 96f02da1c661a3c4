import { expect, it } from 'vitest';
import { componentName } from './component-name.js';

it('a name has the spellings that files need', () => {
  expect(componentName('my-shop2')).toEqual({
    kebab: 'my-shop2',
    camel: 'myShop2',
    constant: 'MY_SHOP2',
    title: 'My shop2',
  });
});

it.each([
  [undefined, 'Say how the component is called'],
  ['', 'Say how the component is called'],
  ['MyShop', 'small letters, digits and single dashes'],
  ['my--shop', 'small letters, digits and single dashes'],
  ['-shop', 'small letters, digits and single dashes'],
  ['2shop', 'small letters, digits and single dashes'],
  ['../shop', 'small letters, digits and single dashes'],
  ['a'.repeat(41), 'at most 40'],
  ['runtime', 'is reserved'],
  ['delete', 'is reserved'],
  ['trigger', 'is reserved'],
])('the name %s is refused in words', (text, words) => {
  expect(() => componentName(text)).toThrow(words);
});
