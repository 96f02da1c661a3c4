import { z } from 'zod';

const shape = {
  ATTACHMENTS: z
    .enum(['postgres', 's3'])
    .default('postgres')
    .describe('where files of requests are kept: postgres or s3; what is in the other place stays readable'),
  S3_ENDPOINT: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
    .refine((url) => !URL.canParse(url) || new URL(url).username === '', 'must hold no user or password')
    .optional()
    .describe("where the S3-compatible store is; default is Amazon's"),
  S3_REGION: z.string().default('us-east-1').describe('region of the bucket; most other stores take any'),
  S3_BUCKET: z.string().optional().describe('bucket of the files, needed when ATTACHMENTS is s3'),
  S3_FORCE_PATH_STYLE: z
    .enum(['true', 'false'])
    .optional()
    .transform((text) => (text === undefined ? undefined : text === 'true'))
    .describe('true: the bucket is in the path of URLs, not in the host; default is true when there is an S3_ENDPOINT'),
  S3_ACCESS_KEY_ID: z
    .string()
    .optional()
    .describe("set both keys or none: without them the usual places of Amazon's tools are asked"),
  S3_SECRET_ACCESS_KEY: z
    .string()
    .optional()
    .describe("set both keys or none: without them the usual places of Amazon's tools are asked"),
};

/** Where files are kept, as fields that an app spreads into the schema of its settings. */
export const attachmentSettings: typeof shape = shape;

export type AttachmentSettings = z.output<z.ZodObject<typeof shape>>;

/** Adds to the schema of an app, into which `attachmentSettings` are spread, what these need of each other. */
export function withAttachmentRules<Schema extends z.ZodObject<typeof shape>>(schema: Schema): Schema {
  return schema.superRefine(
    (settings, context) => {
      const missing = (name: keyof typeof shape, message: string) =>
        context.addIssue({ code: 'custom', path: [name], message });
      if (settings.ATTACHMENTS === 's3' && !settings.S3_BUCKET)
        missing('S3_BUCKET', 'is missing: name the bucket, or set ATTACHMENTS to postgres');
      if (settings.S3_ACCESS_KEY_ID && !settings.S3_SECRET_ACCESS_KEY)
        missing('S3_SECRET_ACCESS_KEY', 'is missing: S3_ACCESS_KEY_ID is set');
      if (settings.S3_SECRET_ACCESS_KEY && !settings.S3_ACCESS_KEY_ID)
        missing('S3_ACCESS_KEY_ID', 'is missing: S3_SECRET_ACCESS_KEY is set');
    },
    // Also when other fields are at fault, so that all faults are listed at once.
    { when: ({ value }) => typeof value === 'object' && value !== null },
  );
}
