import { z } from 'zod';

const maxTimeoutSeconds = 30 * 86_400;
const dayInSeconds = 86_400;

/** The configuration of the webhook component's action `wait`. Every field has a default. */
export const waitSettingsSchema = z.strictObject({
  timeoutSeconds: z
    .int()
    .min(1)
    .max(maxTimeoutSeconds)
    .default(dayInSeconds)
    .describe('how long the step waits for a call of its resume URL, at most 30 days'),
  onTimeout: z
    .enum(['fail', 'continue'])
    .default('fail')
    .describe('when nobody called in time, the step fails, or the run goes on with `timedOut`'),
  authentication: z
    .enum(['url', 'flow', 'own'])
    .default('url')
    .describe(
      'what callers need besides the URL: nothing, the credential of the flow, or the credential of this step (own)',
    ),
  uses: z
    .enum(['once', 'repeated'])
    .default('once')
    .describe('the first call ends the waiting, or the steps below run for each call until the time is over'),
  maxCalls: z.int().min(1).max(1_000).default(100).describe('repeated calls that are taken at most'),
});

export type WaitSettings = z.output<typeof waitSettingsSchema>;

/** Methods whose calls resume. HEAD and OPTIONS do not: those who check links send them. */
export const resumeMethods: readonly string[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/**
 * Reads the configuration of a `wait` step. Throws `TypeError` that names every wrong field, never its value: a version
 * that was published passed the same schema.
 */
export function readWaitSettings(config: unknown): WaitSettings {
  const parsed = waitSettingsSchema.safeParse(config ?? {});
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `/${issue.path.join('/')}: ${issue.message}`);
  throw new TypeError(`the settings of a waiting step are wrong: ${faults.join('; ')}`);
}
