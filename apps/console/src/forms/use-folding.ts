import { useState } from 'react';
import { shownFields, type Field } from './fields.js';

/** Where the fields of a form stand. */
export interface Folding {
  shown: Field[];
  /** Behind "More fields". */
  folded: Field[];
  /** Something that is folded away has a value or a fault: it is not to stay out of sight. */
  isAsked: boolean;
}

/**
 * Decides where each field stands when it is first seen, and leaves it there: one that moved as it is filled in, or emptied to be
 * filled in anew, would lose the focus.
 */
export function useFolding(fields: readonly Field[], isFilled: (name: string) => boolean): Folding {
  const [seen, setSeen] = useState<ReadonlyMap<string, boolean>>(new Map());
  const unseen = fields.filter(({ name }) => !seen.has(name));
  if (unseen.length > 0) setSeen(new Map([...seen, ...unseen.map(({ name }) => [name, isFilled(name)] as const)]));
  const [shown, folded] = shownFields(fields, (name) => seen.get(name) ?? isFilled(name));
  return { shown, folded, isAsked: folded.some(({ name }) => isFilled(name)) };
}
