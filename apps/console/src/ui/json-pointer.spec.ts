import fc from 'fast-check';
import { expect, it } from 'vitest';
import { pointerNames, pointerToken } from './json-pointer.js';

it('reads the names that it wrote, whatever they are', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (names) => {
      const pointer = names.map((name) => `/${pointerToken(name)}`).join('');
      expect(pointerNames(pointer)).toEqual(names);
      expect(pointerNames(`#${pointer}`)).toEqual(names);
    }),
  );
});
