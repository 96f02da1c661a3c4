import { z } from 'zod';

/**
 * The fields of a webhook credential, by type. A further type is one more member here and one more verifier in
 * `authenticator.ts`; the compiler asks for the second.
 */
export const webhookCredentialSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('none') }),
  z.strictObject({ type: z.literal('basic'), username: z.string().regex(/^[^:]+$/), password: z.string().min(1) }),
]);

export type WebhookCredential = z.infer<typeof webhookCredentialSchema>;
