import { createContext, useContext } from 'react';
import type { OptionSource } from '../../../../forms/form-context.js';
import type { JsonSchema } from '../../../../forms/json-schema.js';
import type { LivePreview } from './use-preview.js';

export type FieldMode = 'plain' | 'expression';

/** Takes an expression that was picked from the data. */
export type TakeExpression = (expression: string) => void;

/** What the fields of one mapping share. Pointers are those within the step: `/mapping/name`. */
export interface MappingContextValue {
  root: JsonSchema;
  problems: ReadonlyMap<string, string>;
  preview: LivePreview;
  options: OptionSource;
  modeOf: (pointer: string, member: unknown) => FieldMode;
  setMode: (pointer: string, mode: FieldMode) => void;
  /** Notes the field that has the focus: a click on the open data goes there. */
  noteField: (take: TakeExpression) => void;
}

export const MappingContext = createContext<MappingContextValue | null>(null);

/** @throws Error outside of a mapping. */
export function useMapping(): MappingContextValue {
  const mapping = useContext(MappingContext);
  if (!mapping) throw new Error('There is no mapping here: this belongs into a mapping form');
  return mapping;
}

/** Of the data that is dragged: an expression. */
export const dragType = 'text/x-millrace-expression';
