import { expect, it } from 'vitest';
import { saverWords } from './saver-words.js';

it('names who saved a draft to everyone else', () => {
  const savedBy = { id: 'u1', name: 'Wendolene', email: 'wendolene@example.com' };
  expect(saverWords({ savedBy }, 'u1')).toBe('You');
  expect(saverWords({ savedBy }, 'u2')).toBe('“\u2068Wendolene\u2069” (wendolene@example.com)');
  expect(saverWords({ savedBy: { ...savedBy, name: '' } }, 'u2')).toBe('“\u2068wendolene@example.com\u2069”');
  expect(saverWords({ savedBy: null }, 'u2')).toBe('Someone else');
});
