import type { KeyObject } from 'node:crypto';
import { keyOf } from '../keys.js';
import type { Scheme } from '../scheme.js';
import { describeAge, describePlace, describeScheme } from './describe-scheme.js';
import type { Problem, SignatureFinding } from './finding.js';
import { tryScheme, type Inquiry, type Trial } from './inquiry.js';
import { secretSpellings } from './secret-spellings.js';

/** Says whether, and after which change, the signature of a known sender fits. */
export function explain(
  inquiry: Inquiry,
  { name, title, scheme }: { name: string; title: string; scheme: Scheme },
): SignatureFinding {
  const what = `${title}: ${describeScheme(scheme)}`;
  const fields = { type: 'hmac', preset: name };
  const nearMiss = (problem: Problem, text: string): SignatureFinding => ({
    verdict: 'nearMiss',
    scheme: name,
    problem,
    text: `${what} ${text}`,
    fields,
  });

  const key = keyOf(inquiry.secret, scheme.key);
  const asIs: Trial = key ? tryScheme(inquiry, scheme, key) : { signature: 'wrong', reason: 'wrong_signature' };
  if (asIs.signature === 'right') {
    return asIs.stale === undefined
      ? { verdict: 'fits', scheme: name, text: what, fields }
      : nearMiss(asIs.stale, `fits, but ${staleness(scheme, asIs)}`);
  }
  for (const { key: other, change } of otherKeys(inquiry.secret, scheme)) {
    const trial = tryScheme(inquiry, scheme, other);
    if (trial.signature === 'right') return nearMiss('secret_spelling', `fits with the secret ${change}: enter it so`);
  }
  if (key && (asIs.reason === 'wrong_signature' || asIs.reason === 'body_not_signed')) {
    for (const { reading, problem, change } of inquiry.suspects()) {
      const trial = tryScheme(inquiry, scheme, key, reading);
      if (trial.signature === 'right') return nearMiss(problem, changedBodyText(problem, change));
    }
  }
  return { verdict: 'noFit', scheme: name, text: `${what} does not fit: ${whyNot(asIs.reason, key, scheme)}` };
}

export function changedBodyText(problem: Problem, change: string): string {
  const how = problem === 'body_reserialised' ? 'is re-serialised' : 'is taken otherwise';
  return `fits if the body ${how} (${change}): something changed it on the way`;
}

/** What is wrong with the time of a signature that fits. */
export function staleness(scheme: Scheme, { stale, ageMs }: Extract<Trial, { signature: 'right' }>): string {
  const allowed = describeAge((scheme.timestamp?.toleranceSeconds ?? 0) * 1_000);
  const where = stale === 'timestamp_in_future' ? 'ahead' : 'old';
  return `the timestamp is ${describeAge(ageMs)} ${where}; at most ${allowed} are allowed`;
}

function otherKeys(secret: string, scheme: Scheme): { key: KeyObject; change: string }[] {
  const trimmed = secret.trim();
  const trimmedKey = trimmed === secret ? undefined : keyOf(trimmed, scheme.key);
  const keys = trimmedKey ? [{ key: trimmedKey, change: 'trimmed of blanks' }] : [];
  if (!scheme.algorithm.startsWith('hmac-')) return keys;
  const asText = scheme.key === 'text' ? undefined : keyOf(secret, 'text');
  if (asText) keys.push({ key: asText, change: 'taken as text' });
  return [...keys, ...secretSpellings(secret)];
}

function whyNot(reason: string, key: KeyObject | undefined, scheme: Scheme): string {
  if (!key) return 'the secret is not of the kind that this sender uses';
  switch (reason) {
    case 'missing_timestamp':
      return `the timestamp is missing in ${scheme.timestamp ? describePlace(scheme.timestamp.at) : 'the request'}`;
    case 'malformed_timestamp':
      return 'the timestamp is none';
    case 'missing_signed_part':
      return `the id is missing in ${scheme.id ? describePlace(scheme.id) : 'the request'}`;
    case 'ambiguous_signature':
      return 'there is more than one signature';
    case 'body_not_signed':
      return 'the body is no form, and its hash is not in the URL';
    case 'out_of_budget':
      return 'the body is too large to try all there is';
    default:
      return 'the secret is another one, or the request was changed in an unknown way';
  }
}
