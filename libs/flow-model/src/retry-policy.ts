import { z } from 'zod';

/** When a failed step is tried again, as its owner sets it; what is left out has a default. */
export interface RetrySettings {
  /** The first attempt included. */
  maxAttempts: number;
  /** The pause after the first attempt; each further one is `factor` times as long, up to `maxDelayMs`. */
  initialDelayMs?: number | undefined;
  factor?: number | undefined;
  maxDelayMs?: number | undefined;
}

/** The same with every default filled in. */
export interface RetryPolicy {
  maxAttempts: number;
  initialDelayMs: number;
  factor: number;
  maxDelayMs: number;
}

/** Of a step that says nothing about retries. */
export const defaultRetryPolicy: RetryPolicy = {
  maxAttempts: 3,
  initialDelayMs: 1_000,
  factor: 2,
  maxDelayMs: 300_000,
};

const longestDelayMs = 24 * 3_600_000;
const delayMs = z.number().int().min(100).max(longestDelayMs);

export const retrySettingsSchema: z.ZodType<RetrySettings> = z.strictObject({
  maxAttempts: z.number().int().min(1).max(100),
  initialDelayMs: delayMs.optional(),
  factor: z.number().min(1).max(10).optional(),
  maxDelayMs: delayMs.optional(),
});

export function retryPolicyOf(settings: RetrySettings | undefined): RetryPolicy {
  if (!settings) return defaultRetryPolicy;
  return {
    maxAttempts: settings.maxAttempts,
    initialDelayMs: settings.initialDelayMs ?? defaultRetryPolicy.initialDelayMs,
    factor: settings.factor ?? defaultRetryPolicy.factor,
    maxDelayMs: settings.maxDelayMs ?? defaultRetryPolicy.maxDelayMs,
  };
}

/**
 * How long to wait after the failed `attempt`: between half and the whole of what the policy's exponential growth gives,
 * by `fraction` (0 to 1), so that steps that failed together do not all come back together.
 */
export function retryDelayMs(policy: RetryPolicy, attempt: number, fraction: number): number {
  const grownMs = policy.initialDelayMs * policy.factor ** (attempt - 1);
  return Math.round(Math.min(grownMs, policy.maxDelayMs) * (0.5 + fraction / 2));
}
