import { jsonSchemaOf, type Operation } from '@millrace/component-sdk';
import type { Json, JsonObject } from '@millrace/contracts';
import { createMask, marksSecrets, secretsOf, type Mask } from '@millrace/credentials';

interface SecretSchemas {
  input: JsonObject | undefined;
  config: JsonObject | undefined;
}

const known = new WeakMap<Operation, SecretSchemas>();

/**
 * A mask that also takes out what the operation's schemas mark secret in this input and configuration, so that neither
 * log nor error shows it. Operations that mark nothing cost a look-up and keep the mask as it is.
 */
export function maskingInputs(
  operation: Operation,
  { input, config }: { input: Json; config: Json },
  mask: Mask,
): Mask {
  const schemas = known.get(operation) ?? secretSchemas(operation);
  const secrets = [
    ...(schemas.input ? secretsOf(schemas.input, input) : []),
    ...(schemas.config ? secretsOf(schemas.config, config) : []),
  ];
  if (secrets.length === 0) return mask;
  const own = createMask(secrets);
  return (text) => own(mask(text));
}

function secretSchemas(operation: Operation): SecretSchemas {
  const marked = (schema: JsonObject): JsonObject | undefined => (marksSecrets(schema) ? schema : undefined);
  const schemas = {
    input: marked(jsonSchemaOf(operation.input)),
    config: marked(jsonSchemaOf(operation.config)),
  };
  known.set(operation, schemas);
  return schemas;
}
