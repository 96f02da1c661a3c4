/**
 * What an author may say of a field with `.meta({ … })` besides `title`, which is its label, and `description`, its help. All of it
 * becomes annotations of the JSON Schema in the descriptor, which forms are drawn from.
 */
export interface FieldHints {
  /** Shown in the field while it is empty. */
  placeholder?: string;
  /** Values that it may have; the first one stands in a sample that is generated. */
  examples?: unknown[];
  /** Fields with a number come first, the smallest before all; the others follow as they are written. */
  order?: number;
  /** Folded away until somebody asks for it. */
  advanced?: boolean;
  /** A text of several lines. */
  multiline?: boolean;
  /** The name of one of the operation's `options`: its values are offered for the field. */
  optionsFrom?: string;
}

declare module 'zod' {
  interface GlobalMeta extends FieldHints {}
}
