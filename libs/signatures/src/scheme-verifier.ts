import { createHash, type KeyObject } from 'node:crypto';
import type { RawRequest, RefusalReason } from './authentication.js';
import { sameBytes } from './constant-time.js';
import { isForm, sortedForm } from './form.js';
import { keyOf } from './keys.js';
import { bytesOf, headerValues, isPresent, valuesAt, type RequestReading } from './request-reading.js';
import type { AcceptedSecret } from './rotation.js';
import type { Scheme } from './scheme.js';
import { signatureMatches, type SignedContent } from './signature-match.js';
import { mentions, parseTemplate, type TemplatePart } from './template.js';
import { timestampFault } from './timestamp.js';
import { spellingsOf } from './url-forms.js';

export interface AcceptedKey {
  key: KeyObject;
  untilMs: number;
}

/** A scheme with its template read and its keys made, so that each request costs one signature. */
export interface PreparedScheme {
  scheme: Scheme;
  parts: readonly TemplatePart[];
  keys: readonly AcceptedKey[];
}

export type SchemeVerdict = { outcome: 'authentic'; key: KeyObject } | { outcome: 'refused'; reason: RefusalReason };

/** More signatures than any sender has keys: they would only cost time. */
const mostSignatures = 16;

/** Prepares the schemes for which one of the secrets is a key. Throws when a template cannot be read. */
export function prepareSchemes(schemes: readonly Scheme[], secrets: readonly AcceptedSecret[]): PreparedScheme[] {
  return schemes
    .map((scheme) => {
      const keys = secrets.flatMap(({ text, untilMs }) => {
        const key = keyOf(text, scheme.key);
        return key ? [{ key, untilMs }] : [];
      });
      return prepareScheme(scheme, keys);
    })
    .filter(({ keys }) => keys.length > 0);
}

export function prepareScheme(scheme: Scheme, keys: readonly AcceptedKey[]): PreparedScheme {
  const template = parseTemplate(scheme.signedContent);
  if ('fault' in template) throw new TypeError(`signedContent: ${template.fault}`);
  return { scheme, parts: template.parts, keys };
}

/** Judges a request by the schemes whose signature it carries: one that holds is enough. */
export function verifySchemes(
  prepared: readonly PreparedScheme[],
  reading: RequestReading,
  nowMs: number,
): SchemeVerdict {
  let reason: RefusalReason = 'missing_signature';
  for (const candidate of prepared) {
    if (!isPresent(candidate.scheme.signature, reading)) continue;
    const verdict = verifyScheme(candidate, reading, nowMs);
    if (verdict.outcome === 'authentic') return verdict;
    if (reason === 'missing_signature' || reason === 'malformed_signature') reason = verdict.reason;
  }
  return { outcome: 'refused', reason };
}

/**
 * Judges a request by one scheme. The timestamp is judged last: that it is too old means something only under a
 * signature that is right.
 */
export function verifyScheme(
  { scheme, parts, keys }: PreparedScheme,
  reading: RequestReading,
  nowMs: number,
): SchemeVerdict {
  const given = valuesAt(scheme.signature, reading);
  if (given.length === 0) return refused('malformed_signature');
  const several = 'header' in scheme.signature && scheme.signature.separator !== undefined;
  if (given.length > (several ? mostSignatures : 1)) return refused('ambiguous_signature');

  const timestamps = scheme.timestamp ? valuesAt(scheme.timestamp.at, reading) : [];
  if (scheme.timestamp && timestamps.length !== 1) {
    return refused(timestamps.length === 0 ? 'missing_timestamp' : 'malformed_timestamp');
  }
  const ids = scheme.id ? valuesAt(scheme.id, reading) : [];
  if (scheme.id && ids.length !== 1) return refused('missing_signed_part');

  const contents = signedContents(scheme, parts, { request: reading.request, timestamp: timestamps[0], id: ids[0] });
  if (typeof contents === 'string') return refused(contents);
  for (const { key, untilMs } of keys) {
    if (untilMs <= nowMs || !contents.some((content) => signatureMatches(scheme, key, content, given))) continue;
    const fault = scheme.timestamp && timestampFault(timestamps[0] ?? '', scheme.timestamp, nowMs);
    return fault ? refused(fault) : { outcome: 'authentic', key };
  }
  return refused('wrong_signature');
}

interface SignedValues {
  request: RawRequest;
  timestamp: string | undefined;
  id: string | undefined;
}

/** What may have been signed, once per spelling of the URL; or why nothing can have been. */
function signedContents(
  scheme: Scheme,
  parts: readonly TemplatePart[],
  values: SignedValues,
): SignedContent[] | RefusalReason {
  const { request } = values;
  let form: Buffer = empty;
  if (scheme.bodyHashQuery !== undefined) {
    const hashes = queryValues(request.url, scheme.bodyHashQuery);
    if (hashes.length > 0) {
      const hash = createHash('sha256').update(request.body).digest('hex');
      if (hashes.length > 1 || !sameBytes(Buffer.from(hash), Buffer.from(hashes[0] ?? ''))) return 'body_not_signed';
    } else if (isForm(request)) form = sortedForm(request.body);
    else if (request.body.length > 0) return 'body_not_signed';
  }
  const urls = mentions(parts, 'url') ? spellingsOf(request.url, scheme.urlForms ?? ['as-called']) : [request.url];
  const contents = urls.map((url) => parts.map((part) => pieceOf(part, values, { url, form })));
  return contents.every((content) => content.every((piece) => piece !== undefined)) ? contents : 'missing_signed_part';
}

/** The bytes that one part of a template stands for; `undefined` when the request has not got it. */
function pieceOf(
  part: TemplatePart,
  { request, timestamp, id }: SignedValues,
  { url, form }: { url: string; form: Buffer },
): Buffer | undefined {
  if ('literal' in part) return Buffer.from(part.literal, 'utf8');
  if ('header' in part) {
    const values = headerValues(request, part.header);
    return values.length === 1 ? bytesOf(values[0] ?? '') : undefined;
  }
  switch (part.value) {
    case 'body':
      return request.body;
    case 'method':
      return Buffer.from(request.method, 'utf8');
    case 'url':
      return Buffer.from(url, 'utf8');
    case 'form':
      return form;
    case 'timestamp':
      return timestamp === undefined ? undefined : bytesOf(timestamp);
    case 'id':
      return id === undefined ? undefined : bytesOf(id);
  }
}

function queryValues(url: string, name: string): string[] {
  return URL.canParse(url) ? new URL(url).searchParams.getAll(name) : [];
}

function refused(reason: RefusalReason): SchemeVerdict {
  return { outcome: 'refused', reason };
}

const empty = Buffer.alloc(0);
