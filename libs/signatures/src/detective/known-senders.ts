import { presets } from '../presets.js';
import { headerValues, valuesAt } from '../request-reading.js';
import { keyOf } from '../keys.js';
import type { HeaderPlace, Preset, Scheme } from '../scheme.js';
import { describeScheme, headerTitle } from './describe-scheme.js';
import { explain } from './explain.js';
import type { SignatureFinding } from './finding.js';
import { tryScheme, type Inquiry } from './inquiry.js';

interface Candidate {
  name: string;
  title: string;
  scheme: Scheme;
  /** Whether the request carries what only this sender sends. */
  marked: boolean;
}

/**
 * What the presets make of the request. Several senders sign alike: those whose marks are there go first, and the
 * others are asked only if these explain nothing.
 */
export function findKnownSenders(inquiry: Inquiry): SignatureFinding[] {
  const candidates = candidatesFor(inquiry);
  const unexplained: SignatureFinding[] = [];
  for (const marked of [true, false]) {
    const findings = candidates
      .filter((candidate) => candidate.marked === marked)
      .map((candidate) => explain(inquiry, candidate));
    for (const verdict of ['fits', 'nearMiss'] as const) {
      const explained = findings.filter((finding) => finding.verdict === verdict);
      if (explained.length > 0) return explained;
    }
    unexplained.push(...findings);
  }
  return unexplained;
}

/** The schemes whose signature is there. Of senders with the very same scheme, the likeliest alone. */
function candidatesFor({ request, reading }: Inquiry): Candidate[] {
  const isMarked = ({ marks }: Preset): boolean => marks.some((mark) => headerValues(request, mark).length > 0);
  const bySchemes = new Map<string, Candidate & { rank: number }>();
  for (const { name, preset, scheme } of allSchemes()) {
    if (valuesAt(scheme.signature, reading).length === 0) continue;
    const marked = isMarked(preset);
    const rank = marked ? 0 : preset.marks.length === 0 ? 1 : 2;
    const same = JSON.stringify(scheme);
    if (rank >= (bySchemes.get(same)?.rank ?? Infinity)) continue;
    bySchemes.set(same, { name, title: preset.title, scheme, marked, rank });
  }
  return [...bySchemes.values()];
}

/** Schemes whose signature is an entry of a list, such as Stripe's, in a header that is not theirs. */
export function findUnderOtherHeader(inquiry: Inquiry): SignatureFinding[] {
  const { request, secret } = inquiry;
  const findings: SignatureFinding[] = [];
  for (const { name, preset, scheme } of allSchemes()) {
    const own = listHeaderOf(scheme);
    const key = keyOf(secret, scheme.key);
    if (own === undefined || !key) continue;
    for (const header of Object.keys(request.headers)) {
      const moved = header === own.header ? undefined : underHeader(scheme, own, header);
      if (!moved || valuesAt(moved.signature, inquiry.reading).length === 0) continue;
      if (tryScheme(inquiry, moved, key).signature === 'wrong') continue;
      findings.push({
        verdict: 'nearMiss',
        scheme: name,
        problem: 'other_header',
        text: `${preset.title}: ${describeScheme(scheme)} fits under another header name: it arrived in ${headerTitle(header)}`,
      });
    }
  }
  return findings;
}

/** The header that holds both signature and timestamp, if the scheme has one. */
function listHeaderOf({ signature, timestamp }: Scheme): HeaderPlace | undefined {
  if (!('header' in signature) || !timestamp || !('header' in timestamp.at)) return undefined;
  return signature.header === timestamp.at.header ? signature : undefined;
}

function underHeader(scheme: Scheme, signature: HeaderPlace, header: string): Scheme {
  const { timestamp } = scheme;
  return {
    ...scheme,
    signature: { ...signature, header },
    ...(timestamp && { timestamp: { ...timestamp, at: { ...timestamp.at, header } } }),
  };
}

/** Every scheme of every preset. */
export function allSchemes(): { name: string; preset: Preset; scheme: Scheme }[] {
  return Object.entries<Preset>(presets).flatMap(([name, preset]) =>
    preset.schemes.map((scheme) => ({ name, preset, scheme })),
  );
}
