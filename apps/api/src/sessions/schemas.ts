import { z } from 'zod';
import { timeField } from '../http/fields.js';

export const signInBody = z
  .strictObject({
    email: z.string().trim().min(1).max(320),
    password: z.string().min(1).max(1_024),
  })
  .meta({ id: 'SignIn' });

export const currentSession = z
  .object({
    user: z.object({
      id: z.uuid(),
      email: z.string(),
      name: z.string(),
      role: z.enum(['administrator', 'member']),
    }),
    workspace: z.object({ id: z.uuid(), name: z.string() }),
    expiresAt: timeField.describe('the session ends then unless it is used before'),
  })
  .meta({ id: 'CurrentSession' });

export const newSession = currentSession
  .extend({ token: z.string().describe('send it as `Authorization: Bearer TOKEN`; it is shown only here') })
  .meta({ id: 'NewSession' });

export type CurrentSession = z.output<typeof currentSession>;
export type NewSession = z.output<typeof newSession>;
