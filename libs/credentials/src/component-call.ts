import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { isJsonObject, type JsonObject } from '@millrace/contracts';
import { requireKey } from './keys.js';

/** What a component asks of the control plane; which members there are besides is between the two. */
export type ComponentCall = JsonObject & {
  component: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
};

/**
 * Signs a call of a component with a key derived from its own one (HMAC-SHA256), so that the control plane knows which
 * component calls without a secret more to hand out: `<call as base64url>.<signature as base64url>`. Whoever has it may
 * make this one call until it expires: never log it.
 */
export function signComponentCall(key: Buffer, call: ComponentCall): string {
  const text = Buffer.from(JSON.stringify(call)).toString('base64url');
  return `${text}.${signatureOf(key, text).toString()}`;
}

/** The call of a token; `undefined` when its component did not sign it or it has expired. */
export function readComponentCall(
  token: string,
  keyOf: (component: string) => Buffer,
  nowMs: number,
): ComponentCall | undefined {
  const [text = '', signature = '', ...rest] = token.split('.');
  const call = rest.length === 0 ? parse(text) : undefined;
  if (!call) return undefined;
  const expected = signatureOf(keyOf(call.component), text);
  const given = Buffer.from(signature);
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) return undefined;
  return nowMs < call.expiresAt ? call : undefined;
}

function parse(text: string): ComponentCall | undefined {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
  if (!isJsonObject(value)) return undefined;
  const { component, expiresAt } = value;
  return typeof component === 'string' && component !== '' && typeof expiresAt === 'number'
    ? (value as ComponentCall)
    : undefined;
}

/** As text: several texts decode to the same bytes, and only one of them is the signature. */
function signatureOf(key: Buffer, text: string): Buffer {
  requireKey(key, 'key of the component');
  const signing = Buffer.from(hkdfSync('sha256', key, '', 'millrace/component-calls/v1', 32));
  return Buffer.from(createHmac('sha256', signing).update(text).digest('base64url'));
}
