import type { z } from 'zod';

/** For `safeParse`: says of a field that is not there that it is missing, not which JavaScript value it was found to be. */
export const schemaWords = {
  error: (issue: z.core.$ZodRawIssue) => (issue.input === undefined ? 'is missing' : undefined),
} as const;
