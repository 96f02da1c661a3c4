import { z } from 'zod';
import { listOf, timeField } from '../http/fields.js';

const jsonSchema = z
  .record(z.string(), z.json())
  .describe('JSON Schema 2020-12; fields may have `placeholder`, `order`, `advanced`, `multiline` and `optionsFrom`');

const dependsOn = z
  .array(z.string())
  .readonly()
  .describe('fields that have to be filled in before, such as `config.board`');

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
    waits: z.boolean().optional().describe('whether a step of it may wait for a call of its resume URL'),
    retrievesSample: z
      .boolean()
      .describe('whether it can retrieve a sample without changing anything; an action that cannot may be run for it'),
    options: z
      .record(z.string(), z.object({ dependsOn, searchable: z.boolean() }))
      .optional()
      .describe('lists of values that fields name with `optionsFrom`'),
    dynamicSchemas: z
      .object({ input: z.object({ dependsOn }).optional(), output: z.object({ dependsOn }).optional() })
      .optional()
      .describe('schemas of which only the part that is always there is shown here'),
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
    status: z
      .enum(['available', 'away'])
      .describe('steps of a component that is away wait until it is back; it cannot be asked meanwhile')
      .meta({ id: 'ComponentStatus' }),
    lastSeenAt: timeField.describe('when the component last announced itself'),
  })
  .meta({ id: 'Component' });

export const componentList = listOf(componentSchema, 'ComponentList');

export type Component = z.output<typeof componentSchema>;
export type ComponentList = z.output<typeof componentList>;
