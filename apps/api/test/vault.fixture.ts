import type { ComponentDescriptor, JsonObject } from '@millrace/contracts';

const secret = { type: 'string', writeOnly: true };
const object = (properties: JsonObject): JsonObject => ({ type: 'object', properties });

/** A component that marks secrets in all that its operation takes and gives. */
export const vault: ComponentDescriptor = {
  name: 'vault',
  title: 'Vault',
  description: '',
  version: '1.0.0',
  credentials: null,
  operations: [
    {
      name: 'put',
      title: 'Put',
      description: '',
      kind: 'action',
      idempotency: 'none',
      config: object({
        region: { type: 'string' },
        pin: secret,
        keys: { type: 'array', items: secret },
        nested: object({ pin: secret, name: { type: 'string' } }),
      }),
      input: object({ name: { type: 'string' }, entries: { type: 'array', items: object({ password: secret }) } }),
      output: object({ token: secret, ok: { type: 'boolean' } }),
      retrievesSample: false,
    },
  ],
};
