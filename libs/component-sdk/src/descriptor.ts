import type { ComponentDescriptor, JsonObject, OAuth2Descriptor, OperationDescriptor } from '@millrace/contracts';
import { z } from 'zod';
import { closedSchema } from './closed-schema.js';
import type { Component } from './component.js';
import type { OAuth2Definition } from './oauth2.js';
import type { Operation } from './operation.js';

/**
 * What the component says of itself to the catalogue. The schemas describe what is to be sent (before defaults and
 * transformations); secret fields are `writeOnly`. Where zod would drop unknown fields unseen, the schemas of what people fill in
 * refuse them, so that a mistyped field is told when a flow is published; `z.looseObject` and `catchall` keep them open.
 * `settings` are those of the operator; without them their defaults count.
 */
export function descriptorOf(component: Component, settings?: unknown): ComponentDescriptor {
  const { credentials } = component;
  const oauth2 = credentials?.oauth2 && describeOAuth2(component, credentials.oauth2, settings);
  return {
    name: component.name,
    title: component.title,
    description: component.description,
    version: component.version,
    credentials: credentials
      ? {
          fields: closedSchemaOf(credentials.fields),
          required: credentials.required,
          verifies: credentials.verify !== undefined,
          ...(oauth2 ? { oauth2 } : {}),
        }
      : null,
    operations: [...component.operations].map(([name, operation]) =>
      describeOperation(name, operation, credentials?.required),
    ),
  };
}

/** A zod schema as JSON Schema 2020-12. What JSON Schema cannot say is left open. */
export function jsonSchemaOf(schema: z.ZodType): JsonObject {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonObject;
}

/** As `jsonSchemaOf`, and each plain `z.object` refuses fields that it does not name. */
function closedSchemaOf(schema: z.ZodType): JsonObject {
  return closedSchema(jsonSchemaOf(schema));
}

function describeOperation(name: string, operation: Operation, required: boolean | undefined): OperationDescriptor {
  const { needsCredential } = operation;
  return {
    name,
    title: operation.title,
    description: operation.description,
    kind: operation.kind,
    ...(operation.triggerType === undefined ? {} : { triggerType: operation.triggerType }),
    ...(needsCredential === undefined || needsCredential === required ? {} : { needsCredential }),
    ...(operation.waits ? { waits: true } : {}),
    idempotency: operation.idempotency,
    config: closedSchemaOf(operation.config),
    input: closedSchemaOf(operation.input),
    output: jsonSchemaOf(operation.output),
    retrievesSample: false,
  };
}

function describeOAuth2(
  component: Component,
  { authorizeUrl, tokenUrl, scopes, pkce }: OAuth2Definition<never>,
  settings: unknown,
): OAuth2Descriptor {
  const known = (settings ?? component.settings?.parse({})) as never;
  const resolved = (url: typeof tokenUrl): string => (typeof url === 'string' ? url : url(known));
  return { authorizeUrl: resolved(authorizeUrl), tokenUrl: resolved(tokenUrl), scopes: [...scopes], pkce };
}
