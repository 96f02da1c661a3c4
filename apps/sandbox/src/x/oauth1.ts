import { createHmac, timingSafeEqual } from 'node:crypto';

/** What of a request a signature covers (RFC 5849 §3.4.1). */
export interface SignedRequest {
  method: string;
  /** Scheme, host with port and path, without query. */
  url: string;
  /** Parameters of the query, and of a form in the body, as they come, with repeated names. */
  parameters: readonly (readonly [string, string])[];
}

/** The members of the `Authorization` header, decoded. */
export type OAuthParameters = ReadonlyMap<string, string>;

export interface OAuth1Secrets {
  consumerSecret: string;
  tokenSecret: string;
}

/** Letters, digits, `-`, `.`, `_` and `~` stay; all else becomes `%XX` in capitals (RFC 5849 §3.6). */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Reads `OAuth name="value", …`; `undefined` when it is not that, or a name comes twice. */
export function readAuthorization(header: string): OAuthParameters | undefined {
  const list = /^OAuth\s+(.*)$/is.exec(header)?.[1];
  if (list === undefined) return undefined;
  const parameters = new Map<string, string>();
  for (const item of list.split(',')) {
    const [, name, value] = /^\s*([^=\s]+)="([^"]*)"\s*$/.exec(item) ?? [];
    if (name === undefined || value === undefined) return undefined;
    try {
      const decoded = decodeURIComponent(name);
      if (parameters.has(decoded)) return undefined;
      parameters.set(decoded, decodeURIComponent(value));
    } catch {
      return undefined;
    }
  }
  return parameters;
}

/** The text that is signed (RFC 5849 §3.4.1.1): method, address and all parameters, encoded and sorted. */
export function baseString(request: SignedRequest, oauth: OAuthParameters): string {
  const all = [...request.parameters, ...[...oauth].filter(([name]) => name !== 'oauth_signature' && name !== 'realm')];
  const sorted = all
    .map(([name, value]) => [percentEncode(name), percentEncode(value)] as const)
    .toSorted(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  return [request.method.toUpperCase(), percentEncode(baseUrl(request.url)), percentEncode(sorted)].join('&');
}

/** Scheme and host in lower case, without the usual port of the scheme (RFC 5849 §3.4.1.2). */
function baseUrl(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

/** By bytes: what is encoded is ASCII. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** The signature by HMAC-SHA1 (RFC 5849 §3.4.2), in base64. */
export function sign(request: SignedRequest, oauth: OAuthParameters, secrets: OAuth1Secrets): string {
  const key = `${percentEncode(secrets.consumerSecret)}&${percentEncode(secrets.tokenSecret)}`;
  return createHmac('sha1', key).update(baseString(request, oauth)).digest('base64');
}

export function isSignedWith(request: SignedRequest, oauth: OAuthParameters, secrets: OAuth1Secrets): boolean {
  const expected = Buffer.from(sign(request, oauth, secrets));
  const given = Buffer.from(oauth.get('oauth_signature') ?? '');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
