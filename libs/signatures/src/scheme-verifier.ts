import { createHash, type KeyObject } from 'node:crypto';
import type { RawRequest, RefusalReason } from './authentication.js';
import { sameBytes } from './constant-time.js';
import { isForm, sortedForm } from './form.js';
import { keyOf } from './keys.js';
import { bytesOf, headerValues, isPresent, valuesAt, type RequestReading } from './request-reading.js';
import type { AcceptedSecret } from './rotation.js';
import type { Scheme } from './scheme.js';
import { isIncremental, signatureCheck } from './signature-check.js';
import { ContentCheck, type SignedContent } from './signed-content.js';
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

export type SchemeVerdict = { outcome: 'authentic'; key: KeyObject } | RefusedVerdict;

interface RefusedVerdict {
  outcome: 'refused';
  reason: RefusalReason;
}

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
  return firstAuthentic(carried(prepared, reading), (candidate) => verifyScheme(candidate, reading, nowMs));
}

/** A request whose body is still to come. */
export interface PendingVerdict {
  outcome: 'pending';
  /** Takes in the next bytes of the body, which may change afterwards. */
  update(bytes: Buffer): void;
  /** The verdict, after the last byte. Asked once. */
  end(): SchemeVerdict;
}

/**
 * Begins to judge a request of which there is no more than the head, by schemes that all are `isStreamable`. `refused`
 * says that no body could make it authentic.
 */
export function beginSchemes(
  prepared: readonly PreparedScheme[],
  reading: RequestReading,
  nowMs: number,
): PendingVerdict | RefusedVerdict {
  const begun = carried(prepared, reading).map((candidate) => beginScheme(candidate, reading, nowMs));
  const pending = begun.filter((one) => one.outcome === 'pending');
  if (pending.length === 0) {
    return refused(
      begun.reduce((told, one) => (one.outcome === 'pending' ? told : telling(told, one.reason)), unsigned),
    );
  }
  return {
    outcome: 'pending',
    update: (bytes) => pending.forEach((one) => one.update(bytes)),
    end: () => firstAuthentic(begun, (one) => (one.outcome === 'pending' ? one.end() : one)),
  };
}

/** Whether a scheme can judge a body piece by piece, keeping nothing of it. */
export function isStreamable({ scheme, parts }: PreparedScheme): boolean {
  const places = [scheme.signature, scheme.timestamp?.at, scheme.id].filter((place) => place !== undefined);
  const bodies = parts.filter((part) => 'value' in part && part.value === 'body');
  return (
    isIncremental(scheme.algorithm) &&
    places.every((place) => 'header' in place) &&
    bodies.length === 1 &&
    !mentions(parts, 'form') &&
    scheme.bodyHashQuery === undefined
  );
}

/** The schemes whose signature a request carries. */
function carried(prepared: readonly PreparedScheme[], reading: RequestReading): PreparedScheme[] {
  return prepared.filter(({ scheme }) => isPresent(scheme.signature, reading));
}

/** The first verdict that is authentic, else the reason that tells the most. Nobody is asked in vain. */
function firstAuthentic<Asked>(all: readonly Asked[], verdictOf: (one: Asked) => SchemeVerdict): SchemeVerdict {
  let reason = unsigned;
  for (const one of all) {
    const verdict = verdictOf(one);
    if (verdict.outcome === 'authentic') return verdict;
    reason = telling(reason, verdict.reason);
  }
  return refused(reason);
}

const unsigned: RefusalReason = 'missing_signature';

/** Of two reasons the one that tells more. */
function telling(told: RefusalReason, next: RefusalReason): RefusalReason {
  return told === 'missing_signature' || told === 'malformed_signature' ? next : told;
}

/** Judges a request by one scheme. Another key, or spelling of the URL, is tried only where the ones before do not fit. */
export function verifyScheme(prepared: PreparedScheme, reading: RequestReading, nowMs: number): SchemeVerdict {
  const claim = claimOf(prepared, reading, nowMs);
  if (typeof claim === 'string') return refused(claim);
  const trial = claim.trials().find(({ begin }) => {
    const check = begin();
    check.update(reading.request.body);
    return check.fits();
  });
  return claim.verdict(trial?.key);
}

function beginScheme(
  prepared: PreparedScheme,
  reading: RequestReading,
  nowMs: number,
): PendingVerdict | RefusedVerdict {
  const claim = claimOf(prepared, reading, nowMs);
  if (typeof claim === 'string') return refused(claim);
  const checks = claim.trials().map(({ key, begin }) => ({ key, check: begin() }));
  if (checks.length === 0) return refused('wrong_signature');
  return {
    outcome: 'pending',
    update: (bytes) => checks.forEach(({ check }) => check.update(bytes)),
    end: () => claim.verdict(checks.find(({ check }) => check.fits())?.key),
  };
}

/** What a request claims to be signed by. */
interface Claim {
  /** The keys that count and what each may have signed, in the order in which they are tried. */
  trials(): { key: KeyObject; begin: () => ContentCheck }[];
  /**
   * By the key that fits, if one does. The timestamp is judged last: that it is too old means something only under a
   * signature that is right.
   */
  verdict(key: KeyObject | undefined): SchemeVerdict;
}

function claimOf(
  { scheme, parts, keys }: PreparedScheme,
  reading: RequestReading,
  nowMs: number,
): Claim | RefusalReason {
  const given = valuesAt(scheme.signature, reading);
  if (given.length === 0) return 'malformed_signature';
  const several = 'header' in scheme.signature && scheme.signature.separator !== undefined;
  if (given.length > (several ? mostSignatures : 1)) return 'ambiguous_signature';

  const timestamps = scheme.timestamp ? valuesAt(scheme.timestamp.at, reading) : [];
  if (scheme.timestamp && timestamps.length !== 1) {
    return timestamps.length === 0 ? 'missing_timestamp' : 'malformed_timestamp';
  }
  const ids = scheme.id ? valuesAt(scheme.id, reading) : [];
  if (scheme.id && ids.length !== 1) return 'missing_signed_part';

  const contents = signedContents(scheme, parts, { request: reading.request, timestamp: timestamps[0], id: ids[0] });
  if (typeof contents === 'string') return contents;
  return {
    trials: () =>
      keys
        .filter(({ untilMs }) => untilMs > nowMs)
        .flatMap(({ key }) =>
          contents.map((content) => ({
            key,
            begin: () => new ContentCheck(signatureCheck(scheme, key, given), content),
          })),
        ),
    verdict(key) {
      if (!key) return refused('wrong_signature');
      const fault = scheme.timestamp && timestampFault(timestamps[0] ?? '', scheme.timestamp, nowMs);
      return fault ? refused(fault) : { outcome: 'authentic', key };
    },
  };
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
  const contents = urls.map((url) => contentOf(parts, (part) => pieceOf(part, values, { url, form })));
  return contents.every((content) => content !== undefined) ? contents : 'missing_signed_part';
}

/** Cuts what was signed where the raw body stands; `undefined` when the request has not got a part of it. */
function contentOf(
  parts: readonly TemplatePart[],
  bytesOfPart: (part: TemplatePart) => Buffer | undefined,
): SignedContent | undefined {
  let pieces: Buffer[] = [];
  const content = [pieces];
  for (const part of parts) {
    if ('value' in part && part.value === 'body') {
      pieces = [];
      content.push(pieces);
      continue;
    }
    const bytes = bytesOfPart(part);
    if (!bytes) return undefined;
    pieces.push(bytes);
  }
  return content;
}

/** The bytes that one part of a template other than the body stands for; `undefined` when the request has not got it. */
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
    case 'method':
      return Buffer.from(request.method, 'utf8');
    case 'url':
      return Buffer.from(url, 'utf8');
    case 'form':
      return form;
    case 'timestamp':
      return timestamp === undefined ? undefined : bytesOf(timestamp);
    case 'body':
      return undefined;
    case 'id':
      return id === undefined ? undefined : bytesOf(id);
  }
}

function queryValues(url: string, name: string): string[] {
  return URL.canParse(url) ? new URL(url).searchParams.getAll(name) : [];
}

function refused(reason: RefusalReason): RefusedVerdict {
  return { outcome: 'refused', reason };
}

const empty = Buffer.alloc(0);
