import { z } from 'zod';
import { timeField } from '../http/fields.js';

export const signInBody = z
  .strictObject({
    email: z.string().trim().min(1).max(320),
    password: z.string().min(1).max(1_024),
  })
  .meta({ id: 'SignIn' });

/** A password that somebody chooses. */
export const chosenPassword = z
  .string()
  .min(12, 'must have at least 12 characters')
  .max(1_024, 'must have at most 1024 characters');

export const changePasswordBody = z
  .strictObject({ currentPassword: z.string().min(1).max(1_024), newPassword: chosenPassword })
  .meta({
    id: 'ChangePassword',
    example: { currentPassword: 'correct horse battery staple', newPassword: 'a mill turns by the race' },
  });

export const currentSession = z
  .object({
    user: z.object({
      id: z.uuid(),
      email: z.string(),
      name: z.string(),
      role: z.enum(['administrator', 'member']),
    }),
    workspace: z.object({ id: z.uuid(), name: z.string() }),
    expiresAt: timeField
      .nullable()
      .describe('the session ends then unless it is used before; an API token ends then, or never when it is null'),
    apiToken: z
      .object({ id: z.uuid(), name: z.string() })
      .optional()
      .describe('only where an API token was sent: it acts for the user'),
  })
  .meta({ id: 'CurrentSession' });

export const newSession = currentSession
  .extend({ token: z.string().describe('send it as `Authorization: Bearer TOKEN`; it is shown only here') })
  .meta({ id: 'NewSession' });

export type CurrentSession = z.output<typeof currentSession>;
export type NewSession = z.output<typeof newSession>;
