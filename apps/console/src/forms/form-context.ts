import { createContext, useContext, type ReactNode } from 'react';
import type { FieldOption } from '../api/schema.generated.js';
import type { JsonSchema } from './json-schema.js';

/** Asks the component for the values that it offers; throws `ApiProblem` with its reason. */
export interface OptionSource {
  /** Changes when another answer is to be expected: the credential, a field that the list depends on. */
  key: (list: string) => readonly unknown[];
  /** Whether the component looks for what is typed itself. */
  searchable: (list: string) => boolean;
  /** Labels of what has to be filled in before; empty when the list can be asked for. */
  missing: (list: string) => readonly string[];
  load: (
    list: string,
    ask: { search: string; cursor: string | null; signal: AbortSignal },
  ) => Promise<{ items: FieldOption[]; nextCursor: string | null }>;
}

export interface ExpressionFieldProps {
  value: string;
  onChange: (value: string) => void;
  label: string;
  help: string | undefined;
  error: string | undefined;
  required: boolean;
  pointer: string;
}

/** What all fields of a form share. */
export interface FormContextValue {
  /** The schema in which references are looked up. */
  root: JsonSchema;
  /** Faults by JSON pointer. */
  problems: ReadonlyMap<string, string>;
  options?: OptionSource | undefined;
  /** How expressions are edited where they stand in a configuration. */
  expression?: ((props: ExpressionFieldProps) => ReactNode) | undefined;
}

export const FormContext = createContext<FormContextValue>({ root: {}, problems: new Map() });

export function useForm(): FormContextValue {
  return useContext(FormContext);
}
