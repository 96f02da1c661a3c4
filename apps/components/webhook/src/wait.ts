import { action, resumeOutput, waitForResume } from '@millrace/component-sdk';
import { waitSettingsSchema } from '@millrace/webhook-settings';
import { z } from 'zod';

/** Waits for a call of the step's resume URL. It only says so: the call is taken and kept elsewhere. */
export const wait = action({
  title: 'Wait',
  description:
    'Stops the run until its resume URL is called, which steps before get with $resumeUrl("step id"). A GET resumes, too.',
  // Whether it has one depends on its settings.
  needsCredential: false,
  waits: true,
  idempotency: 'natural',
  config: waitSettingsSchema,
  input: z.object({}),
  output: resumeOutput,
  run: ({ config: { timeoutSeconds, onTimeout, uses, maxCalls } }) =>
    waitForResume({
      timeoutMs: timeoutSeconds * 1000,
      onTimeout,
      uses,
      ...(uses === 'repeated' ? { maxCalls } : {}),
    }),
});
