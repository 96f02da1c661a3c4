import { describe, expect, it } from 'vitest';
import type { Component, Operation } from '../../../api/schema.generated.js';
import { findComponents } from './find-components.js';

const component = (name: string, description: string, kinds: Operation['kind'][]): Component => ({
  name,
  title: name,
  description,
  version: '1',
  credentials: null,
  operations: kinds.map((kind) => ({
    name: kind,
    title: `${name} ${kind}`,
    description: '',
    kind,
    idempotency: 'none',
    config: {},
    input: {},
    output: {},
    retrievesSample: false,
  })),
  status: 'available',
  lastSeenAt: '',
});
const all = [
  component('http', 'Calls what a webhook asks for', ['action']),
  component('webhook', 'Receives calls', ['trigger', 'action']),
  component('timer', 'Ticks', ['trigger']),
];
const names = (isTrigger: boolean, search: string) => findComponents(all, isTrigger, search).map(({ name }) => name);

describe('finding a component', () => {
  it('offers those with triggers for the first step, and those with actions for the others', () => {
    expect(names(true, '')).toEqual(['timer', 'webhook']);
    expect(names(false, '')).toEqual(['http', 'webhook']);
  });

  it('puts those whose name fits before those that only speak of it', () => {
    expect(names(false, ' WebHook')).toEqual(['webhook', 'http']);
    expect(names(true, 'webhook trigger')).toEqual(['webhook']);
    expect(names(true, 'petstore')).toEqual([]);
  });
});
