import type { Component } from '../../../api/schema.generated.js';
import { operationsFor } from './stages.js';

/** Components that a step at its place can use and that fit what is typed, those whose name fits first. */
export function findComponents(components: readonly Component[], isTrigger: boolean, search: string): Component[] {
  const wanted = search.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const usable = components.filter((component) => operationsFor(component, isTrigger).length > 0);
  const byName = (component: Component): boolean => fits(`${component.title} ${component.name}`, wanted);
  const found = usable.filter((component) => {
    const operations = operationsFor(component, isTrigger).map(({ title }) => title);
    return fits([component.title, component.name, component.description, ...operations].join(' '), wanted);
  });
  return found.toSorted(
    (one, other) => Number(byName(other)) - Number(byName(one)) || one.title.localeCompare(other.title),
  );
}

function fits(text: string, words: readonly string[]): boolean {
  const lower = text.toLowerCase();
  return words.every((word) => lower.includes(word));
}
