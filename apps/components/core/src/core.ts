import { defineComponent } from '@millrace/component-sdk';
import { collect } from './collect.js';
import { filter } from './filter.js';
import { split } from './split.js';
import { transform } from './transform.js';

export const core = defineComponent({
  name: 'core',
  title: 'Core',
  description: 'Transforms, filters, splits and collects what flows through.',
  version: '1.0.0',
  actions: { transform, filter, split, collect },
});
