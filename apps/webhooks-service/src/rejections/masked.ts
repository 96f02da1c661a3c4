/** Stands for what must not be kept. */
export const mask = '•••';

const maxHeaders = 50;
const maxValueBytes = 1024;
const maxPathCharacters = 2_048;

/** Names that say that a value is secret, or made from one, whatever the credential of the flow is. */
const secretName = /auth|cookie|credential|hmac|key|passw|secret|session|sig(?:nature|$)|token/i;

/** All that is kept where nothing is known of where calls carry secrets. */
const harmlessHeaders = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'date',
  'expect',
  'forwarded',
  'host',
  'origin',
  'transfer-encoding',
  'user-agent',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-real-ip',
]);

/** Names, in lower case for headers, that carry a secret or a signature. */
export interface SecretNames {
  headers: readonly string[];
  queryNames: readonly string[];
}

/**
 * The headers of a refused call for its record: secrets masked, long values cut, the first fifty. Without `secrets` only
 * harmless ones have values.
 */
export function maskedHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  secrets: SecretNames | undefined,
): Record<string, string> {
  const masked: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers).slice(0, maxHeaders)) {
    if (value === undefined) continue;
    const named = secrets ? secrets.headers.includes(name) : !harmlessHeaders.has(name);
    const isSecret = named || secretName.test(name);
    masked[name] = isSecret ? mask : cut(typeof value === 'string' ? value : value.join(', '));
  }
  return masked;
}

/**
 * What of a URL follows the flow id, as it was sent, with the values of secret parameters masked; without `secrets` those
 * of all.
 */
export function maskedPath(url: string, secrets: SecretNames | undefined): string {
  const queryAt = url.indexOf('?');
  const path = (queryAt < 0 ? url : url.slice(0, queryAt)).replace(/^\/hook\/[^/]*/, '');
  if (queryAt < 0) return path.slice(0, maxPathCharacters);
  const pairs = url.slice(queryAt + 1).split('&');
  const query = pairs.map((pair) => {
    const name = pair.replace(/=.*$/s, '');
    // A parameter without a name may be the secret itself.
    if (!secrets) return name === pair ? mask : `${name}=${mask}`;
    return isSecretParameter(name, secrets) ? `${name}=${mask}` : pair;
  });
  return `${path}?${query.join('&')}`.slice(0, maxPathCharacters);
}

function isSecretParameter(encodedName: string, { queryNames }: SecretNames): boolean {
  let name = encodedName.replaceAll('+', ' ');
  try {
    name = decodeURIComponent(name);
  } catch {
    // A name that cannot be decoded is judged as it stands.
  }
  return secretName.test(name) || queryNames.includes(name);
}

/** At most so many bytes in UTF-8; characters of headers have two at the most. */
function cut(value: string): string {
  if (Buffer.byteLength(value) <= maxValueBytes) return value;
  return `${Buffer.from(value).subarray(0, maxValueBytes).toString('utf8').replace(/�+$/, '')}…`;
}
