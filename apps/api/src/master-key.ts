import { parseKey } from '@millrace/credentials';
import { z } from 'zod';

/** The setting `MASTER_KEY`, as the key that it stands for. */
export function masterKeySetting(): z.ZodType<Buffer, string> {
  return z
    .string()
    .transform((text, context) => {
      try {
        return parseKey(text);
      } catch (error) {
        context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'is not a key' });
        return z.NEVER;
      }
    })
    .describe('32 bytes as base64; the keys of the components are derived from it');
}
