import { z } from 'zod';
import { listOf, timeField } from '../http/fields.js';

const jsonSchema = z.record(z.string(), z.json()).describe('JSON Schema 2020-12');

const operation = z
  .object({
    name: z.string(),
    title: z.string(),
    description: z.string(),
    kind: z.enum(['trigger', 'action']),
    triggerType: z.enum(['webhook', 'polling']).optional(),
    needsCredential: z.boolean().optional().describe('when missing, as `credentials.required` of the component says'),
    idempotency: z.enum(['none', 'key', 'natural']),
    config: jsonSchema,
    input: jsonSchema,
    output: jsonSchema,
    retrievesSample: z.boolean(),
  })
  .meta({ id: 'Operation' });

export const componentSchema = z
  .object({
    name: z.string(),
    title: z.string(),
    description: z.string(),
    version: z.string(),
    credentials: z
      .object({
        fields: jsonSchema.describe('JSON Schema of the fields; secret ones are `writeOnly`'),
        required: z.boolean(),
        verifies: z.boolean().describe('whether the component can check a credential'),
        oauth2: z
          .object({ authorizeUrl: z.string(), tokenUrl: z.string(), scopes: z.array(z.string()), pkce: z.boolean() })
          .optional()
          .describe('a credential of type `oauth2` can be got with POST /v1/credentials/oauth2/authorize'),
      })
      .nullable(),
    operations: z.array(operation),
    lastSeenAt: timeField.describe('when the component last announced itself'),
  })
  .meta({ id: 'Component' });

export const componentList = listOf(componentSchema, 'ComponentList');

export type Component = z.output<typeof componentSchema>;
export type ComponentList = z.output<typeof componentList>;
