import { describe, expect, it } from 'vitest';
import { hasNoContent, headerFault } from './response.js';
import { readReceiveSettings } from './settings.js';

describe('what a flow answers', () => {
  it('has no content with 204, 205 and 304 alone', () => {
    const statuses = Array.from({ length: 400 }, (_, at) => at + 200);
    expect(statuses.filter(hasNoContent)).toEqual([204, 205, 304]);
  });

  it.each(['x y', '', 'x:', 'ü', 'x'.repeat(129)])('has no header named “%s”, nor may a page send one', (name) => {
    expect(headerFault(name, 'value')).toContain('is not the name of a header');
    expect(() => readReceiveSettings({ cors: { origins: ['*'], allowedHeaders: [name] } })).toThrow(
      'must be the name of a header',
    );
  });

  it.each(['X-Pet', 'x'.repeat(128)])('has a header named “%s”, and a page may send it', (name) => {
    expect(headerFault(name, 'value')).toBeUndefined();
    const { cors } = readReceiveSettings({ cors: { origins: ['*'], allowedHeaders: [name] } });
    expect(cors?.allowedHeaders).toEqual([name]);
  });
});
