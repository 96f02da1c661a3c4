import { createHmac, timingSafeEqual } from 'node:crypto';
import type { AttachmentId } from '@millrace/contracts';

export interface FileUrlsOptions {
  /** What the URLs begin with, without a slash at its end. */
  baseUrl: string;
  /** 32 bytes or more each. The first signs; what any of them signed is good, so that a key can be replaced. */
  keys: readonly [Buffer, ...Buffer[]];
  /** How long a URL is good. */
  ttlMs: number;
  /** Milliseconds since the epoch. */
  clock: () => number;
}

/** Whoever has a signed URL may read the file until it expires. */
export interface FileUrls {
  /** `${baseUrl}/files/<id>?expires=<unix seconds>&signature=<base64url>` */
  sign(id: AttachmentId): string;
  /** Judges what a caller sent; `id` exactly as it stood in the URL. An URL that was never signed is `wrong`, not `expired`. */
  check(id: string, query: unknown): 'ok' | 'expired' | 'wrong';
}

const minimumKeyBytes = 32;

/** Signs and checks the URLs of files (HMAC-SHA256). @throws Error when a key is too short. */
export function createFileUrls({ baseUrl, keys, ttlMs, clock }: FileUrlsOptions): FileUrls {
  for (const { length } of keys) {
    if (length >= minimumKeyBytes) continue;
    throw new Error(`A key that signs file URLs has ${length} bytes and needs ${minimumKeyBytes}.`);
  }
  return {
    sign(id) {
      const expires = String(Math.ceil((clock() + ttlMs) / 1000));
      return `${baseUrl}/files/${id}?expires=${expires}&signature=${signatureOf(keys[0], id, expires).toString()}`;
    },
    check(id, query) {
      const expires = parameter(query, 'expires');
      const signature = parameter(query, 'signature');
      if (expires === undefined || signature === undefined || !/^[1-9]\d{0,11}$/.test(expires)) return 'wrong';
      const given = Buffer.from(signature);
      // Every key is tried, so that the time tells nothing of which one fits.
      const fitting = keys.filter((key) => sameBytes(signatureOf(key, id, expires), given));
      if (fitting.length === 0) return 'wrong';
      return clock() < Number(expires) * 1000 ? 'ok' : 'expired';
    },
  };
}

/** As text: several texts decode to the same bytes, and only one of them is the signature. */
function signatureOf(key: Buffer, id: string, expires: string): Buffer {
  return Buffer.from(createHmac('sha256', key).update(`millrace/file-url/v1\n${id}\n${expires}`).digest('base64url'));
}

function sameBytes(expected: Buffer, given: Buffer): boolean {
  return expected.length === given.length && timingSafeEqual(expected, given);
}

function parameter(query: unknown, name: string): string | undefined {
  if (typeof query !== 'object' || query === null) return undefined;
  const value: unknown = (query as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : undefined;
}
