import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { attachmentSettings, withAttachmentRules } from './settings.js';

const schema = withAttachmentRules(z.object({ PORT: z.string().regex(/^\d+$/), ...attachmentSettings }));

function faultsOf(env: Record<string, string>): string[] {
  return schema.safeParse({ PORT: '1', ...env }).error?.issues.map((issue) => issue.path.join('.')) ?? [];
}

describe('settings of the attachment store', () => {
  it('keep files in Postgres unless they say otherwise', () => {
    expect(schema.parse({ PORT: '1' })).toEqual({ PORT: '1', ATTACHMENTS: 'postgres', S3_REGION: 'us-east-1' });
  });

  it('take an S3-compatible store, also one that only keeps older files', () => {
    const s3 = { S3_BUCKET: 'files', S3_ENDPOINT: 'http://minio:9000', S3_FORCE_PATH_STYLE: 'true' };
    expect(schema.parse({ PORT: '1', ATTACHMENTS: 's3', ...s3 }).S3_FORCE_PATH_STYLE).toBe(true);
    expect(faultsOf(s3)).toEqual([]);
  });

  it('name what is missing', () => {
    expect(faultsOf({ ATTACHMENTS: 's3' })).toEqual(['S3_BUCKET']);
    expect(faultsOf({ S3_ACCESS_KEY_ID: 'a' })).toEqual(['S3_SECRET_ACCESS_KEY']);
    expect(faultsOf({ S3_SECRET_ACCESS_KEY: 'a' })).toEqual(['S3_ACCESS_KEY_ID']);
  });

  it('list all faults at once, those of the app included', () => {
    const faults = faultsOf({ PORT: 'x', ATTACHMENTS: 's3', S3_ENDPOINT: 'minio', S3_FORCE_PATH_STYLE: 'maybe' });
    expect(faults.sort()).toEqual(['PORT', 'S3_BUCKET', 'S3_ENDPOINT', 'S3_FORCE_PATH_STYLE']);
  });

  it('refuse a password in the endpoint, without repeating it', () => {
    const { error } = schema.safeParse({ PORT: '1', S3_ENDPOINT: 'https://user:secret@store.example' });
    expect(error?.issues.map((issue) => issue.path.join('.'))).toEqual(['S3_ENDPOINT']);
    expect(error?.message).not.toContain('secret@');
  });
});
