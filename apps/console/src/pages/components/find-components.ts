import type { Component } from '../../api/schema.generated.js';
import { fitsSearch } from '../shared/fits-search.js';

/** The components in which every word of a search stands: in name, title, description, or one of their operations. */
export function findComponents(components: readonly Component[], search: string): Component[] {
  return components.filter(({ name, title, description, operations }) => {
    const texts = operations.flatMap((each) => [each.name, each.title, each.description]);
    return fitsSearch([name, title, description, ...texts].join('\n'), search);
  });
}
