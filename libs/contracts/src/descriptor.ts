import { z } from 'zod';
import { decodeJson, type Decoded } from './decode.js';
import type { JsonObject } from './json.js';

/** A list of values that a component offers for fields of one of its operations. */
export interface OptionListDescriptor {
  /** What has to be filled in before it can be asked for: `config.board`, `input.owner`. */
  dependsOn: readonly string[];
  /** Whether the component looks for a text itself, as in a list too long for one page; otherwise its runtime does. */
  searchable: boolean;
}

/** A schema that a component computes from credential and configuration. */
export interface DynamicSchemaDescriptor {
  /** As of an option list; the schema changes when one of these does. */
  dependsOn: readonly string[];
}

/**
 * One trigger or action as the catalogue shows it. Schemas are JSON Schema 2020-12; what of them is meant for forms
 * (`placeholder`, `order`, `advanced`, `multiline`, `optionsFrom`) stands in the schema of the field.
 */
export interface OperationDescriptor {
  name: string;
  title: string;
  description: string;
  kind: 'trigger' | 'action';
  /** Only triggers: fed by webhooks-service, or called on a schedule. */
  triggerType?: 'webhook' | 'polling';
  /** Whether a step of it needs a credential; missing where that is as the component says (`credentials.required`). */
  needsCredential?: boolean;
  /** Whether a step of it may wait for a call of its resume URL. */
  waits?: boolean;
  /** `none`: the target cannot recognise a repeated call; `key`: it honours the idempotency key. */
  idempotency: 'none' | 'key' | 'natural';
  config: JsonObject;
  input: JsonObject;
  output: JsonObject;
  /** Whether it can retrieve a sample from the real system without changing anything there. */
  retrievesSample: boolean;
  /** The lists that fields name with `optionsFrom`; missing where there is none. */
  options?: Record<string, OptionListDescriptor>;
  /** Which of its schemas are only the part that is always there; the component knows the whole. */
  dynamicSchemas?: { input?: DynamicSchemaDescriptor; output?: DynamicSchemaDescriptor };
}

/** Where people let an app act for them (RFC 6749), and where it gets its tokens. */
export interface OAuth2Descriptor {
  authorizeUrl: string;
  tokenUrl: string;
  scopes: string[];
  /** Whether the code is bound to a secret of who asked for it (RFC 7636). */
  pkce: boolean;
}

export interface CredentialDescriptor {
  /** JSON Schema of the fields; secret ones are `writeOnly: true`. */
  fields: JsonObject;
  required: boolean;
  /** True when the component can check a credential against the real system. */
  verifies: boolean;
  /** Of a component one of whose credentials is `{ type: "oauth2", … }`. */
  oauth2?: OAuth2Descriptor;
}

/** What a component says of itself; forms, validation and masking are driven by it. */
export interface ComponentDescriptor {
  name: string;
  title: string;
  description: string;
  version: string;
  credentials: CredentialDescriptor | null;
  operations: OperationDescriptor[];
}

const jsonSchema = z.record(z.string(), z.unknown());

const httpUrl = z.url({ protocol: /^https?$/ });
const oauth2 = z.object({
  authorizeUrl: httpUrl,
  tokenUrl: httpUrl,
  scopes: z.array(z.string().min(1)),
  pkce: z.boolean(),
});

const dependsOn = z.array(z.string());

const schema = z.object({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/),
  title: z.string().min(1),
  description: z.string(),
  version: z.string().min(1),
  credentials: z
    .object({ fields: jsonSchema, required: z.boolean(), verifies: z.boolean(), oauth2: oauth2.optional() })
    .nullable(),
  operations: z.array(
    z.object({
      name: z.string().min(1),
      title: z.string().min(1),
      description: z.string(),
      kind: z.enum(['trigger', 'action']),
      triggerType: z.enum(['webhook', 'polling']).optional(),
      needsCredential: z.boolean().optional(),
      waits: z.boolean().optional(),
      idempotency: z.enum(['none', 'key', 'natural']),
      config: jsonSchema,
      input: jsonSchema,
      output: jsonSchema,
      retrievesSample: z.boolean(),
      options: z.record(z.string(), z.object({ dependsOn, searchable: z.boolean() })).optional(),
      dynamicSchemas: z
        .object({ input: z.object({ dependsOn }).optional(), output: z.object({ dependsOn }).optional() })
        .optional(),
    }),
  ),
});

export function encodeDescriptor(descriptor: ComponentDescriptor): Buffer {
  return Buffer.from(JSON.stringify(descriptor));
}

/** Reads an announced descriptor; the reason of a refusal names the field that is wrong. */
export function decodeDescriptor(body: Buffer): Decoded<ComponentDescriptor> {
  return decodeJson<ComponentDescriptor>(body, schema, 'component descriptor');
}
