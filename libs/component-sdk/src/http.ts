import { Agent, type Dispatcher } from 'undici';
import type { AbortSource } from './abort.js';
import { PeerUnavailableError, RetryAfterError, TerminalError } from './errors.js';
import { HttpAnswer } from './http-answer.js';
import { exchange, type Exchanged } from './http-exchange.js';

export interface HttpOptions {
  headers?: Readonly<Record<string, string>>;
  /** Added to the address; members that are `undefined` are left out. */
  query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is; give its `content-type`. */
  body?: string | Buffer;
  /** How long the peer may stay silent; the time-out of the step bounds the whole call. */
  timeoutMs?: number;
  /** Further statuses to return instead of throwing, such as 401 or 404. */
  accept?: readonly number[];
}

/**
 * The HTTP client of an operation. A call ends with the step that made it, and throws unless the answer is 2xx or one
 * of `accept`: `RetryAfterError` for 429 and 503 with `Retry-After`, `TerminalError` with the peer's own reason for
 * other 4xx and for redirects, `PeerUnavailableError` with the real cause for all that another attempt may mend.
 * Addresses appear in messages without query and without user and password; headers and bodies sent never do.
 */
export interface Http {
  request(method: HttpMethod, url: string, options?: HttpOptions): Promise<HttpAnswer>;
  get(url: string, options?: HttpOptions): Promise<HttpAnswer>;
  post(url: string, options?: HttpOptions): Promise<HttpAnswer>;
  put(url: string, options?: HttpOptions): Promise<HttpAnswer>;
  patch(url: string, options?: HttpOptions): Promise<HttpAnswer>;
  delete(url: string, options?: HttpOptions): Promise<HttpAnswer>;
}

export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';

const defaultTimeoutMs = 30_000;
const maxAnswerBytes = 32 * 1024 * 1024;

/** The pool of kept-alive connections of one process. Close it when the process ends. */
export function createHttpPool(): Dispatcher {
  return new Agent({
    keepAliveTimeout: 10_000,
    connect: { timeout: 10_000 },
    // An answer that is larger is cut off while it comes in.
    maxResponseSize: maxAnswerBytes,
  });
}

/** The client of one step: its calls use `pool` and end with `abort`. */
export function createHttp(pool: Dispatcher, abort: AbortSource): Http {
  return new StepHttp(pool, abort);
}

class StepHttp implements Http {
  constructor(
    private readonly pool: Dispatcher,
    private readonly abort: AbortSource,
  ) {}

  get(url: string, options?: HttpOptions): Promise<HttpAnswer> {
    return this.request('GET', url, options);
  }

  post(url: string, options?: HttpOptions): Promise<HttpAnswer> {
    return this.request('POST', url, options);
  }

  put(url: string, options?: HttpOptions): Promise<HttpAnswer> {
    return this.request('PUT', url, options);
  }

  patch(url: string, options?: HttpOptions): Promise<HttpAnswer> {
    return this.request('PATCH', url, options);
  }

  delete(url: string, options?: HttpOptions): Promise<HttpAnswer> {
    return this.request('DELETE', url, options);
  }

  async request(method: HttpMethod, url: string, options: HttpOptions = {}): Promise<HttpAnswer> {
    const target = targetOf(url, options.query);
    const call = `${method} ${target.origin}${target.pathname}`;
    const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
    let exchanged: Exchanged;
    try {
      exchanged = await exchange(
        this.pool,
        {
          origin: target.origin,
          path: target.pathname + target.search,
          method,
          headers: headersOf(options),
          body: options.json === undefined ? (options.body ?? null) : JSON.stringify(options.json),
          headersTimeout: timeoutMs,
          bodyTimeout: timeoutMs,
        },
        this.abort,
      );
    } catch (error) {
      throw this.abort.reason ?? failureOf(call, error);
    }
    const answer = new HttpAnswer(call, exchanged);
    if ((answer.status >= 200 && answer.status < 300) || options.accept?.includes(answer.status)) return answer;
    throw refusalOf(call, answer);
  }
}

function targetOf(url: string, query: HttpOptions['query']): URL {
  if (!URL.canParse(url)) throw new TerminalError('The address to call is not a URL', { code: 'address_invalid' });
  const target = new URL(url);
  if (target.protocol !== 'http:' && target.protocol !== 'https:') {
    throw new TerminalError(`The address to call must be http or https, not ${target.protocol}`, {
      code: 'address_invalid',
    });
  }
  for (const [name, value] of Object.entries(query ?? {})) {
    if (Array.isArray(value)) for (const item of value) target.searchParams.append(name, String(item));
    else if (value !== undefined) target.searchParams.append(name, String(value));
  }
  return target;
}

function headersOf(options: HttpOptions): Record<string, string> {
  const headers: Record<string, string> = { 'user-agent': 'millrace', accept: 'application/json, */*;q=0.5' };
  if (options.json !== undefined) headers['content-type'] = 'application/json';
  for (const [name, value] of Object.entries(options.headers ?? {})) headers[name.toLowerCase()] = value;
  return headers;
}

function refusalOf(call: string, answer: HttpAnswer): Error {
  const { status, reason } = answer;
  const message = `${call} answered ${status}${reason === undefined ? '' : `: ${reason}`}`;
  const detail = { status };
  const afterMs = retryAfterMs(answer.header('retry-after'));
  if (afterMs !== undefined && (status === 429 || status === 503)) {
    return new RetryAfterError(afterMs, message, { code: 'rate_limited', detail });
  }
  const passing = status >= 500 || status === 408 || status === 425 || status === 429;
  if (passing) return new PeerUnavailableError(message, { detail });
  return new TerminalError(message, { code: 'peer_refused', detail });
}

/** Errors of undici by which the same call would fail again. */
const hopelessCodes = new Map([
  ['UND_ERR_INVALID_ARG', 'call_invalid'],
  ['UND_ERR_RES_EXCEEDED_MAX_SIZE', 'peer_answer_too_large'],
]);

function failureOf(call: string, error: unknown): Error {
  const message = `${call}: ${causeOf(error)}`;
  const hopeless = hopelessCodes.get(error instanceof Error && 'code' in error ? String(error.code) : '');
  if (hopeless === undefined) return new PeerUnavailableError(message, { cause: error });
  return new TerminalError(message, { code: hopeless, cause: error });
}

/** `Retry-After` in seconds or as a date (RFC 9110), in milliseconds from now. */
export function retryAfterMs(value: string | undefined, now = Date.now()): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** The innermost words on why a call failed: a failed connection to several addresses wraps the cause of each. */
export function causeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return [...new Set(error.errors.map((inner) => causeOf(inner)))].join('; ');
  }
  if (!(error instanceof Error)) return String(error);
  if (error.message === '' || error.message === 'fetch failed') {
    return error.cause === undefined ? error.name : causeOf(error.cause);
  }
  return error.message;
}
