import { Readable } from 'node:stream';
import { TerminalError } from './errors.js';
import { multipartBody, type Part } from './multipart.js';

export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';

type Plain = string | number | boolean;

export interface HttpOptions {
  headers?: Readonly<Record<string, string>>;
  /** Added to the address; members that are `undefined` are left out. */
  query?: Readonly<Record<string, Plain | readonly string[] | undefined>>;
  /** Sent as JSON. One of `json`, `form`, `multipart` and `body` at most. */
  json?: unknown;
  /** Sent as a form (`application/x-www-form-urlencoded`); members that are `undefined` are left out. */
  form?: Readonly<Record<string, Plain | readonly string[] | undefined>>;
  /** Sent as `multipart/form-data`, files as they come in. */
  multipart?: readonly Part[];
  /** Sent as it is, a stream as it comes in; give its `content-type`. */
  body?: string | Buffer | AsyncIterable<Uint8Array>;
  /** How long one try may take until its answer is there, of a streamed answer until it begins; default 30 s. */
  timeoutMs?: number;
  /** Further statuses to return instead of throwing, such as 401 or 404. */
  accept?: readonly number[];
  /** Sent as `Idempotency-Key` to a target that honours it; the call may then be repeated. */
  idempotencyKey?: string;
  /** Whether the call may be repeated; default is yes for GET, HEAD, PUT, DELETE and OPTIONS, and with an `idempotencyKey`. */
  retry?: boolean;
  /** The largest answer that is taken; default 32 MiB, of a streamed answer 1 GiB. */
  maxBytes?: number;
}

/** A call as it is sent: the same for each try. */
export interface HttpRequest {
  method: HttpMethod;
  target: URL;
  /** Method and address without query, user and password, for messages. */
  call: string;
  headers: Readonly<Record<string, string>>;
  body: string | Buffer | Readable | null;
  /** Whether it may be sent again. */
  repeatable: boolean;
}

const repeatableMethods: ReadonlySet<HttpMethod> = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']);

/** What is to be sent. Throws `TerminalError` when the address is none. */
export function requestOf(method: HttpMethod, url: string, options: HttpOptions): HttpRequest {
  const target = targetOf(url, options.query);
  const body = bodyOf(options);
  const headers: Record<string, string> = { 'user-agent': 'millrace', accept: 'application/json, */*;q=0.5' };
  if (body.contentType !== undefined) headers['content-type'] = body.contentType;
  if (body.length !== undefined) headers['content-length'] = String(body.length);
  if (options.idempotencyKey !== undefined) headers['idempotency-key'] = options.idempotencyKey;
  for (const [name, value] of Object.entries(options.headers ?? {})) headers[name.toLowerCase()] = value;
  const mayRepeat = options.retry ?? (options.idempotencyKey !== undefined || repeatableMethods.has(method));
  return {
    method,
    target,
    call: `${method} ${target.origin}${target.pathname}`,
    headers,
    body: body.content,
    // What has been read of a stream is gone.
    repeatable: mayRepeat && !(body.content instanceof Readable),
  };
}

function targetOf(url: string, query: HttpOptions['query']): URL {
  const target = parsed(url);
  if (target.protocol !== 'http:' && target.protocol !== 'https:') {
    throw new TerminalError(`The address to call must be http or https, not ${target.protocol}`, {
      code: 'address_invalid',
    });
  }
  if (query) append(target.searchParams, query);
  return target;
}

// `URL.canParse` before costs twice as much as the parsing.
function parsed(url: string): URL {
  try {
    return new URL(url);
  } catch {
    throw new TerminalError('The address to call is not a URL', { code: 'address_invalid' });
  }
}

function append(parameters: URLSearchParams, fields: NonNullable<HttpOptions['query']>): URLSearchParams {
  for (const [name, value] of Object.entries(fields)) {
    if (Array.isArray(value)) for (const item of value) parameters.append(name, String(item));
    else if (value !== undefined) parameters.append(name, String(value));
  }
  return parameters;
}

interface Body {
  content: HttpRequest['body'];
  contentType?: string;
  length?: number;
}

function bodyOf({ json, form, multipart, body }: HttpOptions): Body {
  if (json !== undefined) return { content: JSON.stringify(json), contentType: 'application/json' };
  if (form !== undefined) {
    const content = append(new URLSearchParams(), form).toString();
    return { content, contentType: 'application/x-www-form-urlencoded' };
  }
  if (multipart !== undefined) {
    const { content, boundary, length } = multipartBody(multipart);
    const contentType = `multipart/form-data; boundary=${boundary}`;
    return { content: Readable.from(content), contentType, ...(length === undefined ? {} : { length }) };
  }
  if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) return { content: body ?? null };
  return { content: Readable.from(body, { objectMode: false }) };
}
