import type { KeyObject } from 'node:crypto';
import type { Handshake } from './authentication.js';
import { memberAt, type RequestReading } from './request-reading.js';
import type { AnswerValue, HandshakeRule } from './scheme.js';
import { hmac } from './signature-check.js';

/** Handshakes are small: a larger body is not parsed to look for one. */
export const largestHandshakeBytes = 16_384;

/**
 * The answer to an authentic request when it is a handshake. `key` is the one that its signature was made with: during
 * a rotation the sender expects the answer under the same.
 */
export function handshakeAnswer(
  rules: readonly HandshakeRule[],
  reading: RequestReading,
  key: KeyObject,
): Handshake | undefined {
  if (rules.length === 0 || reading.request.body.length > largestHandshakeBytes) return undefined;
  const body = reading.json();
  const rule = rules.find(
    ({ field, equals, absent }) =>
      memberAt(body, field) === equals && (absent === undefined || memberAt(body, absent) === undefined),
  );
  if (!rule) return undefined;
  if (!rule.answer) return { outcome: 'handshake', status: rule.status, headers: {}, body: '' };
  const answer: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(rule.answer)) {
    const filled = fill(value, body, key);
    if (filled === undefined) return undefined;
    answer[name] = filled;
  }
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  return { outcome: 'handshake', status: rule.status, headers, body: JSON.stringify(answer) };
}

function fill(value: AnswerValue, body: unknown, key: KeyObject): string | number | undefined {
  if (typeof value === 'number') return value;
  const member = memberAt(body, 'copy' in value ? value.copy : value.hmac);
  if (typeof member !== 'string') return undefined;
  return 'copy' in value ? member : hmac('hmac-sha256', key, [Buffer.from(member, 'utf8')]).toString('hex');
}
