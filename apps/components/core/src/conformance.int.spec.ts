import { describeComponent } from '@millrace/component-conformance';
import { afterAll } from 'vitest';
import { core } from './core.js';
import { expressions } from './evaluating.js';

afterAll(() => expressions.close());

describeComponent(core, {
  steps: {
    transform: { config: { expression: 'a' }, input: { a: 1 }, alone: true },
    filter: { config: { condition: 'a = 1' }, input: { a: 1 }, alone: true },
    split: { input: [1, 2], alone: true },
    collect: { input: { a: 1 }, alone: true },
  },
});
