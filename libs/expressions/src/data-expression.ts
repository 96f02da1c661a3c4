import { z } from 'zod';

/** As long as the condition of an edge may be. */
const maxLength = 10_000;

/**
 * A field of a configuration that holds an expression over the data that the component gives to it, and over nothing else:
 * one that cannot be read, or that reads `$steps`, `$request` or `$run`, is told with its place when a flow is published.
 */
export function dataExpression(): z.ZodString {
  return z.string().min(1).max(maxLength).meta({ format: 'data-expression' });
}
