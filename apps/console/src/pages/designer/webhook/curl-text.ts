/** How callers of a webhook URL prove who they are, without anything secret. */
export type CallerAuthentication =
  | { type: 'none' }
  | { type: 'basic' }
  | { type: 'apiKey'; headerName: string }
  | { type: 'hmac'; scheme: SigningScheme | null };

/** How a call is signed with a shared secret. */
export interface SigningScheme {
  algorithm: 'sha1' | 'sha256' | 'sha512' | 'plain';
  encoding: 'hex' | 'base64';
  /** How the secret is written. */
  key: 'text' | 'hex' | 'base64' | 'whsec';
  signature: SchemeHeader;
  timestamp: (SchemeHeader & { unit: 'seconds' | 'milliseconds' }) | null;
  id: SchemeHeader | null;
  /** `{timestamp}.{body}` */
  signedContent: string;
}

export interface SchemeHeader {
  header: string;
  prefix: string;
  /** Of a header that is a list of several entries. */
  separator: string | null;
}

/** The method that a webhook is called with where its trigger has these settings: POST unless they leave it out. */
export function methodOf(config: Readonly<Record<string, unknown>> | undefined): string {
  const methods: unknown = config?.['methods'];
  if (!Array.isArray(methods) || methods.includes('POST')) return 'POST';
  return typeof methods[0] === 'string' ? methods[0] : 'POST';
}

export interface HookCall {
  url: string;
  method: string;
  authentication: CallerAuthentication;
  body: string;
}

/**
 * A command for a POSIX shell that calls a webhook URL. Secrets are placeholders in braces. `undefined` when a call cannot be
 * signed in a shell: its sender has a key of its own.
 */
export function curlText({ url, method, authentication, body }: HookCall): string | undefined {
  const curl = `curl -X ${method} ${quoted(url)}`;
  const json = `  -H 'content-type: application/json'`;
  switch (authentication.type) {
    case 'none':
      return lines([curl, json, `  -d ${quoted(body)}`]);
    case 'basic':
      return lines([`${curl} -u '{USERNAME}:{PASSWORD}'`, json, `  -d ${quoted(body)}`]);
    case 'apiKey': {
      const header = `  -H ${quoted(`${authentication.headerName}: {API_KEY}`)}`;
      return lines([curl, header, json, `  -d ${quoted(body)}`]);
    }
    case 'hmac':
      return authentication.scheme ? signedCurl(curl, { url, method, body }, authentication.scheme) : undefined;
  }
}

function signedCurl(
  curl: string,
  { url, method, body }: Omit<HookCall, 'authentication'>,
  scheme: SigningScheme,
): string | undefined {
  const { signature, timestamp, id, algorithm } = scheme;
  const content = shellContent(scheme.signedContent, { url, method });
  if (content === undefined) return undefined;
  const settings = [`BODY=${quoted(body)}`];
  if (id) settings.push('ID="msg_$(date +%s)"');
  if (timestamp) settings.push(`TIMESTAMP="$(date +%s)${timestamp.unit === 'milliseconds' ? '000' : ''}"`);
  const value = algorithm === 'plain' ? `{SECRET}` : '$SIGNATURE';
  if (algorithm !== 'plain') {
    settings.push(`SIGNATURE="$(printf '%s' "${content}" | ${digest(scheme)})"`);
  }
  const headers = new Map<string, string>();
  const put = (place: SchemeHeader | null, text: string): void => {
    if (!place) return;
    const before = headers.get(place.header);
    const entry = `${place.prefix}${text}`;
    headers.set(
      place.header,
      before === undefined || place.separator === null ? entry : before + place.separator + entry,
    );
  };
  put(id, '$ID');
  put(timestamp, '$TIMESTAMP');
  put(signature, value);
  const call = lines([
    curl,
    `  -H 'content-type: application/json'`,
    ...Array.from(headers, ([name, text]) => `  -H "${name}: ${text}"`),
    `  -d "$BODY"`,
  ]);
  return [...settings, call].join('\n');
}

/** What is signed, for within double quotes; `undefined` for parts that a shell has not at hand. */
function shellContent(template: string, { url, method }: Pick<HookCall, 'url' | 'method'>): string | undefined {
  const known: Readonly<Record<string, string>> = {
    body: '$BODY',
    timestamp: '$TIMESTAMP',
    id: '$ID',
    method,
    url,
  };
  const unknown = [...template.matchAll(/\{([^{}]*)\}/g)].some(([, name = '']) => known[name] === undefined);
  return unknown ? undefined : template.replaceAll(/\{([^{}]*)\}/g, (_all, name: string) => known[name] ?? '');
}

function digest({ algorithm, encoding, key }: SigningScheme): string {
  const mac = key === 'text' ? `-hmac '{SECRET}'` : `-mac HMAC -macopt "hexkey:${hexKey(key)}"`;
  const openssl = `openssl dgst -${algorithm} ${mac}`;
  return encoding === 'hex' ? `${openssl} | sed 's/^.* //'` : `${openssl} -binary | base64 -w0`;
}

function hexKey(key: Exclude<SigningScheme['key'], 'text'>): string {
  if (key === 'hex') return '{SECRET}';
  const bare = key === 'whsec' ? ` | sed 's/^whsec_//'` : '';
  return `$(printf '%s' '{SECRET}'${bare} | base64 -d | od -An -v -tx1 | tr -d ' \\n')`;
}

function lines(parts: string[]): string {
  return parts.join(' \\\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
