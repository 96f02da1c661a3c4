import type { CredentialId } from '@millrace/contracts';
import { z } from 'zod';
import { idField, nameField, timeField } from '../http/fields.js';

const client = z.strictObject({
  clientId: z.string().min(1).max(1_000).describe('client id of your app'),
  clientSecret: z
    .string()
    .min(1)
    .max(4_096)
    .optional()
    .describe('client secret of your app; a public client has none. Never returned'),
});

export const authorizeBody = z
  .union(
    [
      z.strictObject({ component: z.string().min(1).max(64), name: nameField, fields: client }),
      z.strictObject({
        credentialId: idField<CredentialId>('credential').describe('a credential that gets new tokens'),
      }),
    ],
    'give component, name and fields with clientId, or a credentialId',
  )
  .meta({ id: 'AuthorizeCredential' });

export const authorizationSchema = z
  .object({
    url: z.string().describe('the page of the system to which the person must go'),
    expiresAt: timeField.describe('until when it must come back from there'),
  })
  .meta({ id: 'Authorization' });

export const callbackQuery = z.looseObject({
  state: z.string().min(1).max(200).describe('as it went to the system'),
  code: z.string().min(1).max(4_096).optional().describe('what tokens are given for'),
  error: z.string().max(200).optional().describe('why there is no code'),
});

export type Authorization = z.output<typeof authorizationSchema>;
