import { z } from 'zod';

/**
 * A text that must never be shown: a key, a password, a token. It is `writeOnly` in the descriptor, so that forms hide
 * it, the control plane never returns it, and the runtime masks it in errors and logs.
 */
export function secret(): z.ZodString {
  return z.string().min(1).meta({ writeOnly: true });
}
