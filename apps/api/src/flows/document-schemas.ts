import { z } from 'zod';
import { nameField } from '../http/fields.js';
import { draftBody, flowDraft, flowSchema } from './schemas.js';

export const documentFormat = 'millrace.flow';
export const documentVersion = 1;

const credentialName = z
  .strictObject({ component: z.string().max(64), name: z.string().max(200) })
  .meta({ id: 'CredentialName', example: { component: 'petstore', name: 'Petstore' } });

const documentFields = {
  format: z.literal(documentFormat),
  version: z.literal(documentVersion).describe('of this format'),
  name: nameField,
  credentials: z
    .record(z.string(), credentialName)
    .describe('by the id of the step, what its credential is called where the document comes from'),
};

const documentMeta = {
  description: 'A flow as JSON, without ids and secrets',
  example: {
    format: documentFormat,
    version: documentVersion,
    name: 'New pets',
    draft: {
      steps: [
        { id: 'step_1', component: 'webhook', operation: 'receive' },
        { id: 'step_2', component: 'petstore', operation: 'createPet', mapping: { name: 'petname' } },
      ],
      edges: [{ from: 'step_1', to: 'step_2' }],
    },
    credentials: { step_2: { component: 'petstore', name: 'Petstore' } },
  },
};

export const flowDocument = z
  .object({ ...documentFields, draft: flowDraft })
  .meta({ id: 'FlowDocument', ...documentMeta });

export const importBody = z
  .strictObject({ ...documentFields, credentials: documentFields.credentials.default({}), draft: draftBody })
  .meta({ id: 'ImportFlow', ...documentMeta });

const missingCredential = z
  .object({
    stepId: z.string(),
    component: z.string(),
    name: z.string(),
    reason: z.enum(['none', 'several']).describe('`several`: more than one credential is called so'),
  })
  .meta({ id: 'MissingCredential' });

export const importedFlow = z
  .object({
    flow: flowSchema,
    missingCredentials: z.array(missingCredential).describe('steps for which a credential is still to be chosen'),
  })
  .meta({ id: 'ImportedFlow' });

export type FlowDocument = z.output<typeof flowDocument>;
export type MissingCredential = z.output<typeof missingCredential>;
export type ImportedFlow = z.output<typeof importedFlow>;
