import type { ComponentDescriptor, JsonObject, OperationDescriptor } from '@millrace/contracts';
import { z } from 'zod';
import type { Component } from './component.js';
import type { Operation } from './operation.js';

/**
 * What the component says of itself to the catalogue. The schemas describe what is to be sent (before defaults and
 * transformations); secret fields are `writeOnly`.
 */
export function descriptorOf(component: Component): ComponentDescriptor {
  const { credentials } = component;
  return {
    name: component.name,
    title: component.title,
    description: component.description,
    version: component.version,
    credentials: credentials
      ? {
          fields: jsonSchemaOf(credentials.fields),
          required: credentials.required,
          verifies: credentials.verify !== undefined,
        }
      : null,
    operations: [...component.operations].map(([name, operation]) => describeOperation(name, operation)),
  };
}

/** A zod schema as JSON Schema 2020-12. What JSON Schema cannot say is left open. */
export function jsonSchemaOf(schema: z.ZodType): JsonObject {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonObject;
}

function describeOperation(name: string, operation: Operation): OperationDescriptor {
  return {
    name,
    title: operation.title,
    description: operation.description,
    kind: operation.kind,
    ...(operation.triggerType === undefined ? {} : { triggerType: operation.triggerType }),
    idempotency: operation.idempotency,
    config: jsonSchemaOf(operation.config),
    input: jsonSchemaOf(operation.input),
    output: jsonSchemaOf(operation.output),
    retrievesSample: false,
  };
}
