import type { ComponentDescriptor, OAuth2Descriptor, OperationDescriptor } from '@millrace/contracts';
import type { Component } from './component.js';
import type { OperationForm } from './form.js';
import { closedSchemaOf, jsonSchemaOf } from './json-schema.js';
import type { OAuth2Definition } from './oauth2.js';
import type { Operation } from './operation.js';

/**
 * What the component says of itself to the catalogue. The schemas describe what is to be sent (before defaults and
 * transformations); secret fields are `writeOnly`. Where zod would drop unknown fields unseen, the schemas of what people fill in
 * refuse them, so that a mistyped field is told when a flow is published; `z.looseObject` and `catchall` keep them open. What an
 * author says of a field with `.meta()` and `.describe()` stands in its schema, see `FieldHints`.
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
    retrievesSample: operation.form.sample !== undefined || operation.triggerType === 'polling',
    ...describeForm(operation.form),
  };
}

function describeForm({ options, schemas }: OperationForm): Pick<OperationDescriptor, 'options' | 'dynamicSchemas'> {
  const lists = [...options].map(([name, { dependsOn, searchable }]) => {
    return [name, { dependsOn, searchable }] as const;
  });
  const dynamic = Object.entries(schemas).map(([name, { dependsOn }]) => [name, { dependsOn }] as const);
  return {
    ...(lists.length > 0 ? { options: Object.fromEntries(lists) } : {}),
    ...(dynamic.length > 0 ? { dynamicSchemas: Object.fromEntries(dynamic) } : {}),
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
