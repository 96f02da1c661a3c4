import { expect, it } from 'vitest';
import type { Component } from '../../api/schema.generated.js';
import { findComponents } from './find-components.js';

const component = (name: string, operation: string): Component => ({
  name,
  title: name.toUpperCase(),
  description: '',
  version: '1.0.0',
  credentials: null,
  status: 'available',
  lastSeenAt: '2026-01-31T09:00:00.000Z',
  operations: [
    {
      name: operation,
      title: operation,
      description: '',
      kind: 'action',
      idempotency: 'none',
      config: {},
      input: {},
      output: {},
      retrievesSample: false,
    },
  ],
});

it('finds by every word, in operations too, whatever the case', () => {
  const all = [component('petstore', 'Create a pet'), component('twitter', 'Post a tweet')];
  const names = (search: string) => findComponents(all, search).map(({ name }) => name);
  expect(names('')).toEqual(['petstore', 'twitter']);
  expect(names('PET create')).toEqual(['petstore']);
  expect(names('tweet pet')).toEqual([]);
});
