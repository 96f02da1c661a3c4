import type { Component } from '../../../api/schema.generated.js';
import { fitsSearch } from '../../shared/fits-search.js';
import { operationsFor } from './stages.js';

/** Components that a step at its place can use and that fit what is typed, those whose name fits first. */
export function findComponents(components: readonly Component[], isTrigger: boolean, search: string): Component[] {
  const byName = ({ title, name }: Component): boolean => fitsSearch(`${title} ${name}`, search);
  const found = components.filter((component) => {
    const { title, name, description } = component;
    const operations = operationsFor(component, isTrigger).map((operation) => operation.title);
    return operations.length > 0 && fitsSearch([title, name, description, ...operations].join(' '), search);
  });
  return found.toSorted(
    (one, other) => Number(byName(other)) - Number(byName(one)) || one.title.localeCompare(other.title),
  );
}
