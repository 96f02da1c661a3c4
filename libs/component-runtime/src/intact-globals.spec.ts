import { describe, expect, it } from 'vitest';
import { restoreGlobals } from './intact-globals.js';

describe('restoreGlobals', () => {
  it('finds nothing as long as nobody changes anything', () => {
    expect(restoreGlobals()).toBeUndefined();
  });

  it('puts back what was changed, and names it', () => {
    const { map, [Symbol.iterator]: iterate } = Array.prototype;
    const { stringify } = JSON;
    JSON.stringify = () => 'broken';
    Object.assign(Array.prototype, { map: undefined, [Symbol.iterator]: undefined });
    Object.assign(Object.prototype, { polluted: true });
    const changed = restoreGlobals();
    expect(changed).toEqual([
      'JSON.stringify',
      'Array.prototype.map',
      'Array.prototype.Symbol(Symbol.iterator)',
      'Object.prototype.polluted',
    ]);
    expect([JSON.stringify, Array.prototype.map, Array.prototype[Symbol.iterator]]).toEqual([stringify, map, iterate]);
    expect('polluted' in {}).toBe(false);
    expect(restoreGlobals()).toBeUndefined();
  });
});
