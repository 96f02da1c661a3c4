import { AttachmentStoreError } from './attachment-store-error.js';

const keysAndPermissions = 'check the access keys and what the bucket permits them';
const remedies: Record<string, string> = {
  NoSuchBucket: 'create the bucket, or correct S3_BUCKET',
  AccessDenied: keysAndPermissions,
  Forbidden: keysAndPermissions,
  InvalidAccessKeyId: keysAndPermissions,
  SignatureDoesNotMatch: keysAndPermissions,
  CredentialsProviderError: 'set S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, or credentials where the AWS tools look',
  PermanentRedirect: 'correct S3_REGION',
  AuthorizationHeaderMalformed: 'correct S3_REGION',
  RequestTimeTooSkewed: 'set the clock of this machine',
  ENOTFOUND: 'correct S3_ENDPOINT',
};

/**
 * What a failed operation on an S3-compatible store means. Only the error's name and status are taken over: a store's
 * text and fields repeat parts of the request, such as the access key and the signed headers.
 */
export function s3Error(error: unknown, operation: string, place: string): AttachmentStoreError {
  if (error instanceof AttachmentStoreError) return error;
  const name = nameOf(error);
  const status = statusOf(error);
  if (isMissing(error)) return new AttachmentStoreError('missing', `${operation}: ${place} does not have it.`);
  const remedy = remedies[name];
  return new AttachmentStoreError(
    'unavailable',
    `${operation} failed at ${place}: ${name}${status === undefined ? '' : ` (status ${status})`}` +
      (remedy === undefined ? '.' : `; ${remedy}.`),
  );
}

/** Whether the store says that there is no such object. A bucket that is missing is another matter. */
function isMissing(error: unknown): boolean {
  const name = nameOf(error);
  return name === 'NoSuchKey' || name === 'NotFound';
}

/** The code of the store or of the system. */
export function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  if ('code' in error && typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code)) return error.code;
  return /^\w{1,64}$/.test(error.name) ? error.name : 'unknown error';
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  const { httpStatusCode } = error.$metadata as { httpStatusCode?: unknown };
  return typeof httpStatusCode === 'number' ? httpStatusCode : undefined;
}
