import { parseKey } from '@millrace/credentials';
import { loadConfig, setting } from '@millrace/platform';
import { z } from 'zod';

const schema = z.object({
  PORT: setting.port().describe('port of the webhook URLs'),
  HOST: setting.host(),
  HOOK_URL: setting.httpUrl().describe('what webhook URLs begin with, as senders see it: some of them sign it'),
  DATABASE_URL: z.string().describe('postgres://user:password@host:port/database'),
  AMQP_URL: setting.amqpUrl(),
  CREDENTIAL_KEY_WEBHOOK: z
    .string()
    .transform((text, context) => {
      try {
        return parseKey(text);
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message });
        return z.NEVER;
      }
    })
    .describe('key of the webhook component, 32 bytes as base64'),
  MAX_BODY_BYTES: setting.wholeNumber(1, 11_000_000).default(10_000_000).describe('largest accepted body'),
  PUBLISH_TIMEOUT_MS: setting
    .wholeNumber(100, 60_000)
    .default(5_000)
    .describe('how long a call waits for the broker before it is answered 503'),
  MAX_PENDING_REQUESTS: setting
    .wholeNumber(1, 100_000)
    .default(5_000)
    .describe('calls that may wait for the broker at a time'),
});

export type Config = ReturnType<typeof readConfig>;

/** The settings of this process from its environment; throws `ConfigError` that lists every fault. */
export function readConfig(env: NodeJS.ProcessEnv) {
  return loadConfig(schema, env);
}
