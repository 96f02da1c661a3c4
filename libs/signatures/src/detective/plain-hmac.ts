import type { KeyObject } from 'node:crypto';
import { schemeOf, type HmacSettings } from '../hmac-settings.js';
import { keyOf } from '../keys.js';
import { headerValues } from '../request-reading.js';
import type { Scheme } from '../scheme.js';
import { timestampMs } from '../timestamp.js';
import { describePlace, describeScheme } from './describe-scheme.js';
import { digestTokens, type DigestToken } from './digest-tokens.js';
import { changedBodyText, staleness } from './explain.js';
import type { SignatureFinding } from './finding.js';
import { tryScheme, type Inquiry, type Trial } from './inquiry.js';
import { allSchemes } from './known-senders.js';
import { secretSpellings, type SecretSpelling } from './secret-spellings.js';

type ContentSettings = Pick<HmacSettings, 'signedContent' | 'timestampHeader' | 'idHeader'>;

const withTimestamp = [
  '{timestamp}.{body}',
  '{timestamp}{body}',
  '{timestamp}:{body}',
  'v0:{timestamp}:{body}',
  '{body}{timestamp}',
  '{body}.{timestamp}',
  '{method}{url}{body}{timestamp}',
];
const withId = ['{id}.{timestamp}.{body}', '{id}{timestamp}{body}'];
const mostTimestamps = 3;
const mostIds = 2;

/**
 * Looks for settings of a plain HMAC that explain one of the digests in the headers: its place, hash and encoding are
 * seen, what was signed and how the secret is read are tried. The secret as it is goes first, then other bodies, then
 * other spellings of the secret.
 */
export function findPlainHmac(inquiry: Inquiry): SignatureFinding[] {
  const tokens = digestTokens(inquiry.request);
  const key = keyOf(inquiry.secret, 'text');
  if (tokens.length === 0 || !key) return [];
  const contents = contentsFor(inquiry);
  const finding =
    findWithKey(inquiry, { tokens, contents, spelling: { key, change: '' } }) ??
    findChangedBody(inquiry, { tokens, contents: contents.slice(0, 2), key }) ??
    firstOf(secretSpellings(inquiry.secret), (spelling) => findWithKey(inquiry, { tokens, contents, spelling }));
  return finding ? [finding] : [];
}

interface Search {
  tokens: readonly DigestToken[];
  contents: readonly ContentSettings[];
}

function findWithKey(
  inquiry: Inquiry,
  { tokens, contents, spelling }: Search & { spelling: SecretSpelling },
): SignatureFinding | undefined {
  return firstOf(contents, (content) =>
    firstOf(tokens, (token) => {
      const { secretEncoding } = spelling;
      const settings = { ...token, ...content, ...(secretEncoding && { secretEncoding }) };
      const scheme = schemeOf(settings);
      const trial = tryScheme(inquiry, scheme, spelling.key);
      return trial.signature === 'right' ? found(settings, spelling.change, trial) : undefined;
    }),
  );
}

function findChangedBody(
  inquiry: Inquiry,
  { tokens, contents, key }: Search & { key: KeyObject },
): SignatureFinding | undefined {
  return firstOf(contents, (content) =>
    firstOf(tokens, (token) => {
      const scheme = schemeOf({ ...token, ...content });
      return firstOf(inquiry.suspects(), ({ reading, problem, change }): SignatureFinding | undefined => {
        if (tryScheme(inquiry, scheme, key, reading).signature === 'wrong') return undefined;
        const how = changedBodyText(problem, change);
        const text = `HMAC: ${describeScheme(scheme)} ${how}`;
        return { verdict: 'nearMiss', scheme: 'hmac', problem, text, fields: fieldsOf({ ...token, ...content }) };
      });
    }),
  );
}

function found(
  settings: DigestToken & ContentSettings & HmacSettings,
  change: string,
  trial: Extract<Trial, { signature: 'right' }>,
): SignatureFinding {
  const scheme = schemeOf(settings);
  const secret = change === '' ? '' : ` with the secret ${change}`;
  const what = `HMAC: ${describeScheme(scheme)}${secret}`;
  const finding = { scheme: 'hmac', fields: fieldsOf(settings) };
  if (change !== '' && settings.secretEncoding === undefined) {
    return { ...finding, verdict: 'nearMiss', problem: 'secret_spelling', text: `${what} fits: enter it so` };
  }
  if (trial.stale !== undefined) {
    const text = `${what} fits, but ${staleness(scheme, trial)}`;
    return { ...finding, verdict: 'nearMiss', problem: trial.stale, text };
  }
  const owner = allSchemes().find(
    ({ scheme: known }) => 'header' in known.signature && known.signature.header === settings.header,
  );
  if (owner) {
    const text = `${what} fits, though ${owner.preset.title} signs otherwise: ${describeScheme(owner.scheme)}`;
    return { ...finding, verdict: 'fits', problem: 'other_encoding', text };
  }
  return { ...finding, verdict: 'fits', text: `${what}${likeWhom(scheme)}` };
}

/** Names senders who sign the same way under another header. */
function likeWhom(here: Scheme): string {
  const prefix = prefixOf(here);
  const alike = allSchemes().filter(
    ({ scheme }) =>
      prefixOf(scheme) === prefix &&
      scheme.signedContent === here.signedContent &&
      scheme.algorithm === here.algorithm &&
      scheme.encoding === here.encoding,
  );
  if (prefix === '' || alike.length === 0) return '';
  return `; so ${alike.map(({ preset, scheme }) => `${preset.title} signs in ${describePlace(scheme.signature)}`).join(', ')}`;
}

function prefixOf({ signature }: Scheme): string {
  return 'header' in signature ? (signature.prefix ?? '') : '';
}

function fieldsOf(settings: HmacSettings): Record<string, string> {
  const fields: Record<string, string> = { type: 'hmac' };
  for (const [name, value] of Object.entries(settings) as [string, unknown][]) {
    if (typeof value === 'string' && value !== '') fields[name] = value;
  }
  return fields;
}

/** What may have been signed, likely things first. */
function contentsFor({ request }: Inquiry): ContentSettings[] {
  const names = Object.keys(request.headers);
  const timestamps = names.filter((name) => isTimestamp(headerValues(request, name))).slice(0, mostTimestamps);
  const ids = names.filter((name) => /(?:^|-)(?:id|uuid|delivery)$/.test(name)).slice(0, mostIds);
  return [
    {},
    ...timestamps.flatMap((timestampHeader) =>
      withTimestamp.map((signedContent) => ({ timestampHeader, signedContent })),
    ),
    ...timestamps.flatMap((timestampHeader) =>
      ids.flatMap((idHeader) => withId.map((signedContent) => ({ timestampHeader, idHeader, signedContent }))),
    ),
    ...['{url}{body}', '{method}{url}{body}', '{body}{url}'].map((signedContent) => ({ signedContent })),
  ];
}

function firstOf<Item, Found>(items: readonly Item[], find: (item: Item) => Found | undefined): Found | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isTimestamp(values: readonly string[]): boolean {
  return values.length === 1 && timestampMs(values[0] ?? '', 'either') !== undefined;
}
