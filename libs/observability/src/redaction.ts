import { maskUrl } from './mask-url.js';

/** What stands in the log in place of a secret. */
export const REDACTED = '[redacted]';

/** Deeper values are cut off, so that a cyclic or huge object cannot blow up a log line and no secret hides below. */
const MAX_DEPTH = 6;
const MAX_ITEMS = 50;
const MAX_CAUSES = 5;

/**
 * A key is secret when it ends in one of these words, whatever its spelling: `Authorization`, `set-cookie`, `api_key`,
 * `accessToken` and `clientSecret` all are; `credentialId` and `tokenCount` are not.
 */
const SECRET_ENDINGS = [
  'apikey',
  'authorization',
  'cookie',
  'cookies',
  'credential',
  'credentials',
  'masterkey',
  'passphrase',
  'passwd',
  'password',
  'privatekey',
  'secret',
  'secrets',
  'token',
  'tokens',
];

const secretByKey = new Map<string, boolean>();

/** Tells whether the value under this key must not be shown. */
export function isSecretKey(key: string): boolean {
  const known = secretByKey.get(key);
  if (known !== undefined) return known;
  const plain = key.toLowerCase().replaceAll(/[^a-z0-9]/gu, '');
  const secret = SECRET_ENDINGS.some((ending) => plain.endsWith(ending));
  // Keys of user data could be endless; the names that our own code logs are few.
  if (secretByKey.size < 1000) secretByKey.set(key, secret);
  return secret;
}

/**
 * A copy of a logged object that is safe to show: secret keys redacted at every depth, errors as plain objects with code
 * and cause, byte buffers as their length, URLs without credentials. Never throws on odd input.
 */
export function presentable(fields: object): Record<string, unknown> {
  return presentRecord(fields, 0);
}

function presentRecord(fields: object, depth: number): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    shown[key] = isSecretKey(key) && value != null ? REDACTED : presentValue(value, depth + 1);
  }
  return shown;
}

function presentValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return maskUrl(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return presentError(value, depth, MAX_CAUSES);
  if (value instanceof Date) return value;
  if (value instanceof URL) return maskUrl(value.href);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (depth > MAX_DEPTH) return '[cut: too deep]';
  if (Array.isArray(value)) {
    const items = value.slice(0, MAX_ITEMS).map((item) => presentValue(item, depth + 1));
    return value.length > MAX_ITEMS ? [...items, `[${value.length - MAX_ITEMS} more]`] : items;
  }
  if (value instanceof Map || value instanceof Set) return `[${value.size} entries]`;
  return presentRecord(value, depth);
}

function presentError(error: Error, depth: number, causesLeft: number): Record<string, unknown> {
  const shown: Record<string, unknown> = { type: error.name, message: maskUrl(error.message) };
  // Only named fields: errors of HTTP and database clients carry requests, queries and their parameters.
  const { code, reason } = error as { code?: unknown; reason?: unknown };
  if (typeof code === 'string' || typeof code === 'number') shown['code'] = code;
  if (typeof reason === 'string') shown['reason'] = maskUrl(reason);
  if (error.stack !== undefined) shown['stack'] = maskUrl(error.stack);
  if (error.cause !== undefined && causesLeft > 0) {
    shown['cause'] =
      error.cause instanceof Error
        ? presentError(error.cause, depth, causesLeft - 1)
        : presentValue(error.cause, depth + 1);
  }
  if (error instanceof AggregateError && causesLeft > 0) {
    shown['errors'] = error.errors
      .slice(0, MAX_CAUSES)
      .map((inner: unknown) =>
        inner instanceof Error ? presentError(inner, depth, causesLeft - 1) : presentValue(inner, depth + 1),
      );
  }
  return shown;
}
