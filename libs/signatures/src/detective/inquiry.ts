import type { KeyObject } from 'node:crypto';
import type { RawRequest, RefusalReason } from '../authentication.js';
import { readingOf, valuesAt, type RequestReading } from '../request-reading.js';
import { prepareScheme, verifyScheme } from '../scheme-verifier.js';
import type { Scheme } from '../scheme.js';
import { timestampMs } from '../timestamp.js';
import { suspectedBodies, type SuspectedBody } from './body-changes.js';
import type { Budget } from './budget.js';

/** The request in question, read once, and what the work on it may cost. */
export interface Inquiry {
  request: RawRequest;
  reading: RequestReading;
  secret: string;
  nowMs: number;
  budget: Budget;
  /** Bodies that may have been signed instead, each with its reading; made when first asked for. */
  suspects(): readonly (SuspectedBody & { reading: RequestReading })[];
}

export function openInquiry(request: RawRequest, secret: string, nowMs: number, budget: Budget): Inquiry {
  let suspects: (SuspectedBody & { reading: RequestReading })[] | undefined;
  return {
    request,
    reading: readingOf(request),
    secret,
    nowMs,
    budget,
    suspects() {
      suspects ??= suspectedBodies(request.body).map((suspect) => ({
        ...suspect,
        reading: readingOf({ ...request, body: suspect.body }),
      }));
      return suspects;
    },
  };
}

/** `right` covers a timestamp out of bounds: the signature itself holds. */
export type Trial =
  | { signature: 'right'; stale?: 'timestamp_too_old' | 'timestamp_in_future'; ageMs: number }
  | { signature: 'wrong'; reason: RefusalReason | 'out_of_budget' };

/** Tries one scheme with one key on the request, or on another reading of it. */
export function tryScheme(inquiry: Inquiry, scheme: Scheme, key: KeyObject, reading = inquiry.reading): Trial {
  for (const _ of scheme.urlForms ?? ['as-called']) {
    if (!inquiry.budget.spend(reading.request.body.length)) return { signature: 'wrong', reason: 'out_of_budget' };
  }
  const verdict = verifyScheme(prepareScheme(scheme, [{ key, untilMs: Infinity }]), reading, inquiry.nowMs);
  const stale = verdict.outcome === 'refused' ? verdict.reason : undefined;
  if (stale === undefined) return { signature: 'right', ageMs: 0 };
  if (stale !== 'timestamp_too_old' && stale !== 'timestamp_in_future') return { signature: 'wrong', reason: stale };
  const [text = ''] = scheme.timestamp ? valuesAt(scheme.timestamp.at, reading) : [];
  const sentMs = timestampMs(text, scheme.timestamp?.unit ?? 'either') ?? inquiry.nowMs;
  return { signature: 'right', stale, ageMs: inquiry.nowMs - sentMs };
}
