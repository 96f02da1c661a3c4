import { attachmentSettings, withAttachmentRules } from '@millrace/attachments';
import { parseKey } from '@millrace/credentials';
import { loadConfig, setting } from '@millrace/platform';
import { z } from 'zod';

const key = (): z.ZodType<Buffer, string> =>
  z.string().transform((text, context) => {
    try {
      return parseKey(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  });

const schema = withAttachmentRules(
  z.object({
    PORT: setting.port().describe('port of the webhook URLs'),
    HOST: setting.host(),
    HOOK_URL: setting.httpUrl().describe('what webhook URLs begin with, as senders see it: some of them sign it'),
    DATABASE_URL: z.string().describe('postgres://user:password@host:port/database'),
    AMQP_URL: setting.amqpUrl(),
    CREDENTIAL_KEY_WEBHOOK: key().describe('key of the webhook component, 32 bytes as base64'),
    MAX_BODY_BYTES: setting
      .wholeNumber(1, 11_000_000)
      .default(10_000_000)
      .describe('largest accepted body that is not a file'),
    MAX_FILE_BYTES: setting
      .wholeNumber(1, 5_000_000_000)
      .default(100_000_000)
      .describe('largest accepted file, and all files of one call together'),
    MAX_HELD_BODY_BYTES: setting
      .wholeNumber(1_000_000, 100_000_000_000)
      .default(128_000_000)
      .describe(
        'memory for bodies, as sent, decompressed and as JSON, and for files on their way; past it calls are answered 503',
      ),
    PUBLISH_TIMEOUT_MS: setting
      .wholeNumber(100, 60_000)
      .default(5_000)
      .describe('how long a call waits for the broker before it is answered 503'),
    MAX_PENDING_REQUESTS: setting
      .wholeNumber(1, 100_000)
      .default(5_000)
      .describe('calls that may wait for the broker at a time'),
    MAX_CONCURRENT_REQUESTS: setting
      .wholeNumber(1, 1_000_000)
      .default(10_000)
      .describe('calls that may be in progress at a time; past it they are answered 503'),
    MAX_WORKSPACE_SHARE_PERCENT: setting
      .wholeNumber(1, 100)
      .default(50)
      .describe('what one workspace may take of MAX_CONCURRENT_REQUESTS and MAX_HELD_BODY_BYTES; past it: 429'),
    WORKSPACE_REQUESTS_PER_SECOND: setting
      .wholeNumber(1, 1_000_000)
      .default(5_000)
      .describe('calls that an instance takes of one workspace that has no number of its own'),
    FLOW_REQUESTS_PER_SECOND: setting
      .wholeNumber(1, 1_000_000)
      .optional()
      .describe('calls that an instance takes of one flow that sets no rate; without it there is no such limit'),
    ATTACHMENT_URL_KEY: key().describe('key that signs the URLs of files, 32 random bytes as base64'),
    RESUME_URL_KEY: key().describe('key that signs the URLs which resume waiting steps, 32 bytes as base64'),
    ATTACHMENT_URL_TTL_HOURS: setting.wholeNumber(1, 8_760).default(168).describe('how long the URL of a file is good'),
    ...attachmentSettings,
  }),
);

export type Config = ReturnType<typeof readConfig>;

/** The settings of this process from its environment; throws `ConfigError` that lists every fault. */
export function readConfig(env: NodeJS.ProcessEnv) {
  return loadConfig(schema, env);
}
