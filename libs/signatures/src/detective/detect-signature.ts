import type { Clock, RawRequest } from '../authentication.js';
import { createBudget } from './budget.js';
import { findClearSecrets } from './clear-secrets.js';
import type { SignatureFinding } from './finding.js';
import { openInquiry } from './inquiry.js';
import { findKnownSenders, findUnderOtherHeader } from './known-senders.js';
import { findPlainHmac } from './plain-hmac.js';

export interface SignatureQuestion extends Omit<RawRequest, 'body'> {
  secret: string;
  rawBody: Buffer;
  clock: Clock;
}

export interface SignatureDetection {
  /** Likely ones first; empty when nothing in the request looks like a signature. */
  findings: SignatureFinding[];
  /** False when the body was too large to try everything. */
  complete: boolean;
}

const largestBodyBytes = 10_000_000;

/**
 * Finds out how a request was signed: which sender's scheme fits the secret, or what is in the way. Pure and bounded:
 * at most 400 signatures and 200 MB of hashing, and no body over 10 MB. Nothing that comes back holds the secret.
 */
export function detectSignature(question: SignatureQuestion): SignatureDetection {
  const { secret, rawBody: body, clock, method, url } = question;
  if (body.length > largestBodyBytes || secret === '') return { findings: [], complete: secret === '' };
  const headers = Object.fromEntries(
    Object.entries(question.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const budget = createBudget();
  const inquiry = openInquiry({ method, url, headers, body }, secret, clock(), budget);

  const known = findKnownSenders(inquiry);
  if (isExplained(known)) return { findings: known, complete: true };
  for (const find of [findUnderOtherHeader, findPlainHmac]) {
    const findings = find(inquiry);
    if (isExplained(findings)) return { findings, complete: true };
  }
  const clear = findClearSecrets(inquiry.request, secret);
  return { findings: isExplained(clear) ? clear : known, complete: !budget.exhausted };
}

function isExplained(findings: readonly SignatureFinding[]): boolean {
  return findings.some(({ verdict }) => verdict !== 'noFit');
}
