import { parseKey } from '@millrace/credentials';
import { loadConfig, setting } from '@millrace/platform';
import { z } from 'zod';

const schema = z.object({
  HOST: setting.host(),
  HEALTH_PORT: setting.port().describe('port of the health routes'),
  DATABASE_URL: z.string().describe('postgres://user:password@host:port/database'),
  AMQP_URL: setting.amqpUrl(),
  HOOK_URL: setting.httpUrl().describe('what webhook URLs begin with, such as https://hooks.example.com'),
  RESUME_URL_KEY: z
    .string()
    .transform((text, context) => {
      try {
        return parseKey(text);
      } catch (error) {
        context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'is not a key' });
        return z.NEVER;
      }
    })
    .describe('key that signs the URLs which resume waiting steps, 32 bytes as base64'),
  RECONCILE_EVERY_MS: setting
    .wholeNumber(100, 3_600_000)
    .default(10_000)
    .describe('how often overdue step runs are looked for'),
  OVERDUE_GRACE_MS: setting
    .wholeNumber(100, 3_600_000)
    .default(60_000)
    .describe('how long after its timeout a step run without a result is overdue'),
  MAPPING_PROCESSES: setting
    .wholeNumber(1, 64)
    .default(2)
    .describe('how many processes evaluate mappings that are more than paths, at most'),
  MAPPING_TIME_LIMIT_MS: setting
    .wholeNumber(10, 60_000)
    .default(1_000)
    .describe('how long the expressions of one mapping may take together'),
  MAPPING_MEMORY_LIMIT_MB: setting.wholeNumber(16, 4_096).default(128).describe('the heap of each of these processes'),
});

export type Config = ReturnType<typeof readConfig>;

/** The settings of this process from its environment; throws `ConfigError` that lists every fault. */
export function readConfig(env: NodeJS.ProcessEnv) {
  return loadConfig(schema, env);
}
