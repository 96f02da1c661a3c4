import { expect, it } from 'vitest';
import { actGroups, actWords, entityPath } from './audit-words.js';

it('says acts in words, and those it does not know as they are', () => {
  expect(actWords('flow.started')).toBe('started the flow');
  expect(actWords('mill.turned_round')).toBe('mill turned round');
});

it('offers acts by what they act on', () => {
  expect(actGroups.map(({ group }) => group)).toContain('API token');
  expect(actGroups.flatMap(({ items }) => items).every(({ label }) => /^[A-Z]/.test(label))).toBe(true);
});

it('leads to what was acted on, as long as it is there', () => {
  expect(entityPath({ type: 'flow', id: 'f' }, 'flow.started')).toBe('/flows/f');
  expect(entityPath({ type: 'flow', id: 'f' }, 'flow.deleted')).toBeUndefined();
  expect(entityPath({ type: 'user', id: null }, 'user.sign_in_failed')).toBeUndefined();
  expect(entityPath({ type: 'credential', id: 'c', name: 'a&b' }, 'credential.changed')).toBe(
    '/credentials?search=a%26b',
  );
});
