import type { JsonObject } from '@millrace/contracts';
import { z } from 'zod';
import { listOf, nameField, pageFields, timeField } from '../http/fields.js';

const fields = z
  .record(z.string(), z.json())
  .describe('as the JSON Schema in the descriptor of the component says; never returned') as z.ZodType<JsonObject>;

export const createCredentialBody = z
  .strictObject({ component: z.string().min(1).max(64), name: nameField, fields })
  .meta({ id: 'CreateCredential' });

export const changeCredentialBody = z
  .strictObject({
    name: nameField.optional(),
    fields: fields.optional().describe('replaces all fields; verified before it is stored'),
  })
  .refine((body) => body.name !== undefined || body.fields !== undefined, 'give a name, fields, or both')
  .meta({ id: 'ChangeCredential' });

export const credentialQuery = z.object({
  component: z.string().max(64).optional().describe('only credentials of this component'),
  ...pageFields,
});

export const credentialSchema = z
  .object({
    id: z.uuid(),
    component: z.string(),
    name: z.string(),
    status: z
      .enum(['verified', 'unverified', 'failing'])
      .describe('`unverified`: the component cannot check it; `failing`: it was refused when last checked'),
    verifiedAt: timeField.nullable(),
    createdAt: timeField,
    updatedAt: timeField,
  })
  .meta({ id: 'Credential' });

export const credentialList = listOf(credentialSchema, 'CredentialList');

export type Credential = z.output<typeof credentialSchema>;
export type CredentialList = z.output<typeof credentialList>;
