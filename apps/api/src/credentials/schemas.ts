import type { JsonObject } from '@millrace/contracts';
import { z } from 'zod';
import { flowStatus } from '../flows/schemas.js';
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

const credentialStatus = z
  .enum(['verified', 'unverified', 'failing'])
  .describe('`unverified`: the component cannot check it; `failing`: it was refused when last checked')
  .meta({ id: 'CredentialStatus' });

export const credentialQuery = z.object({
  component: z.string().max(64).optional().describe('only credentials of this component'),
  status: credentialStatus.optional().describe('only credentials of this status'),
  search: z.string().trim().max(200).optional().describe('only credentials whose names contain it, whatever the case'),
  ...pageFields,
});

export const credentialSchema = z
  .object({
    id: z.uuid(),
    component: z.string(),
    name: z.string(),
    type: z
      .string()
      .nullable()
      .describe('which of the ways to sign in that its component has, such as `basic`; null where there is one only'),
    preset: z
      .string()
      .nullable()
      .describe('of a signature, whose scheme it is, such as `github`; null for one of its own'),
    status: credentialStatus,
    failure: z.string().nullable().describe('what the component said when it refused it; null unless it is `failing`'),
    verifiedAt: timeField.nullable(),
    createdAt: timeField,
    updatedAt: timeField,
    usedBy: z
      .array(z.object({ id: z.uuid(), name: z.string(), status: flowStatus }))
      .describe('flows with a step that uses it, in the draft or the published version'),
  })
  .meta({ id: 'Credential' });

export const credentialList = listOf(credentialSchema, 'CredentialList');

export type Credential = z.output<typeof credentialSchema>;
export type CredentialList = z.output<typeof credentialList>;
