import type { Component } from '../../api/schema.generated.js';

/** The components in which every word of a search stands: in name, title, description, or one of their operations. */
export function findComponents(components: readonly Component[], search: string): Component[] {
  const words = search.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return components.filter((component) => {
    const { name, title, description, operations } = component;
    const text = [name, title, description, ...operations.flatMap((each) => [each.name, each.title, each.description])]
      .join('\n')
      .toLocaleLowerCase();
    return words.every((word) => text.includes(word));
  });
}
