import { attachmentSettings, withAttachmentRules } from '@millrace/attachments';
import { loadConfig, setting } from '@millrace/platform';
import { z } from 'zod';
import { masterKeySetting } from './master-key.js';

const schema = withAttachmentRules(
  z.object({
    PORT: setting.port().describe('port of the control plane'),
    HOST: setting.host(),
    DATABASE_URL: z
      .url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' })
      .describe('postgres://user:password@host:port/database'),
    AMQP_URL: setting.amqpUrl(),
    MASTER_KEY: masterKeySetting(),
    HOOK_URL: setting.httpUrl().describe('what webhook URLs begin with, such as https://hooks.example.com'),
    CONSOLE_URL: setting
      .httpUrl()
      .optional()
      .describe(
        'what people reach the control plane by; systems send them back there. http://localhost:PORT when missing',
      ),
    VERIFY_TIMEOUT_MS: setting
      .wholeNumber(100, 30_000)
      .default(30_000)
      .describe('how long a component may take to verify a credential, retrieve a sample, list values or tell fields'),
    MAPPING_PROCESSES: setting
      .wholeNumber(1, 64)
      .default(2)
      .describe('how many processes evaluate previews of mappings that are more than paths, at most'),
    MAPPING_TIME_LIMIT_MS: setting
      .wholeNumber(10, 60_000)
      .default(1_000)
      .describe('how long the expressions of one mapping may take together; the same as in the orchestrator'),
    MAPPING_MEMORY_LIMIT_MB: setting
      .wholeNumber(16, 4_096)
      .default(128)
      .describe('the heap of each of these processes; the same as in the orchestrator'),
    MAX_FILE_BYTES: setting
      .wholeNumber(1, 5_000_000_000)
      .default(100_000_000)
      .describe('largest file that a step may make; the same as in webhooks-service'),
    ATTACHMENT_URL_TTL_HOURS: setting.wholeNumber(1, 8_760).default(168).describe('how long the URL of a file is good'),
    AUDIT_KEPT_DAYS: setting.wholeNumber(1, 36_500).default(365).describe('how long the audit keeps an entry'),
    ...attachmentSettings,
    TRUST_PROXY: setting.trustProxy(),
  }),
);

export type Config = ReturnType<typeof readConfig>;

/** The settings of this process from its environment; throws `ConfigError` that lists every fault. */
export function readConfig(env: Readonly<Record<string, string | undefined>>) {
  return loadConfig(schema, env);
}
