import type { Dispatcher } from '@millrace/outgoing';
import { Readable } from 'node:stream';
import type { AbortSource } from './abort.js';
import { HttpAnswer, HttpStream } from './http-answer.js';
import { exchange, type Exchanged, type ExchangeOptions, type Opened, openExchange } from './http-exchange.js';
import { TerminalError } from './errors.js';
import { failureOf, refusalOf } from './http-failure.js';
import type { HttpPools } from './http-pools.js';
import { type HttpMethod, type HttpOptions, type HttpRequest, requestOf } from './http-request.js';
import { type FailedTry, pause, waitBeforeRetry } from './http-retry.js';

/**
 * The HTTP client of an operation. A call ends with the step that made it, and throws unless the answer is 2xx or one
 * other 4xx and for redirects, `PeerUnavailableError` with the real cause for all that another attempt may mend.
 * Before it throws it tries a call that may be repeated up to three times, if the failure is a passing one.
 *
 * An address of the component's settings was set by the operator and is called wherever it is; any other may come from
 * a user and is refused (`address_refused`) unless it is public or the operator allows it.
 *
 * Addresses appear in messages and in the log without query and without user and password; headers and bodies sent
 * never do.
 */
export interface Http {
  request(method: HttpMethod, url: string, options?: HttpOptions): Promise<HttpAnswer>;
  get(url: string, options?: HttpOptions): Promise<HttpAnswer>;
  post(url: string, options?: HttpOptions): Promise<HttpAnswer>;
  put(url: string, options?: HttpOptions): Promise<HttpAnswer>;
  patch(url: string, options?: HttpOptions): Promise<HttpAnswer>;
  delete(url: string, options?: HttpOptions): Promise<HttpAnswer>;
  /** As `request`, with the body of the answer as a stream, which must be read to its end or destroyed. */
  stream(method: HttpMethod, url: string, options?: HttpOptions): Promise<HttpStream>;
}

/** One try of a call, for the log of the step. */
export interface HttpRecord {
  /** Method and address without query, user and password. */
  call: string;
  /** `undefined` when no answer came. */
  status: number | undefined;
  durationMs: number;
}

/** As the runtime sees it. */
export interface StepHttp extends Http {
  /** Ends the answers that a step which is over has not read. */
  end(): void;
}

export interface StepHttpOptions {
  pools: HttpPools;
  abort: AbortSource;
  /** When the step ends, in epoch milliseconds: nothing waits beyond it. */
  deadlineAt: number;
  record(record: HttpRecord): void;
}

const defaultTimeoutMs = 30_000;
/** What is sent as a stream may be large. */
const defaultUploadTimeoutMs = 600_000;
const maxAnswerBytes = 32 * 1024 * 1024;
const maxStreamBytes = 1024 * 1024 * 1024;

/** The client of one step: its calls end with `abort`. */
export function createHttp(options: StepHttpOptions): StepHttp {
  return new CallsOfStep(options);
}

type Try = { answer: Exchanged | Opened } | { error: unknown };

class CallsOfStep implements StepHttp {
  private readonly open = new Set<Readable>();
  private ended = false;

  constructor(private readonly step: StepHttpOptions) {}

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
    const request = requestOf(method, url, options);
    const send = exchangeOptions(request, options, this.step.abort);
    for (let tries = 1; ; tries += 1) {
      const tried = await this.try(request, (pool) => exchange(pool, send));
      if ('answer' in tried) {
        const answer = new HttpAnswer(request.call, tried.answer as Exchanged);
        if (isWanted(answer.status, options)) return answer;
        await this.waitOrThrow(request, tries, answer);
      } else await this.waitOrThrow(request, tries, tried.error);
    }
  }

  async stream(method: HttpMethod, url: string, options: HttpOptions = {}): Promise<HttpStream> {
    const request = requestOf(method, url, options);
    const send = {
      ...exchangeOptions(request, { maxBytes: maxStreamBytes, ...options }, this.step.abort),
      wanted: (status: number) => isWanted(status, options),
      failure: (error: unknown) => this.step.abort.reason ?? failureOf(request.call, error),
    };
    send.request.bodyTimeout = send.timeoutMs;
    for (let tries = 1; ; tries += 1) {
      const tried = await this.try(request, (pool) => openExchange(pool, send));
      if ('error' in tried) await this.waitOrThrow(request, tries, tried.error);
      else {
        const { status, headers, body } = tried.answer;
        if (body instanceof Readable) return new HttpStream({ status, headers, body: this.keep(body) });
        await this.waitOrThrow(request, tries, new HttpAnswer(request.call, { status, headers, body }));
      }
    }
  }

  end(): void {
    this.ended = true;
    for (const body of this.open) body.destroy();
  }

  private keep(body: Readable): Readable {
    this.open.add(body);
    return body.once('close', () => this.open.delete(body));
  }

  private async try(request: HttpRequest, send: (pool: Dispatcher) => Promise<Exchanged | Opened>): Promise<Try> {
    if (this.ended) throw new TerminalError('The step is over: its `http` calls nobody any more');
    const startedAt = performance.now();
    const record = (status: number | undefined): void =>
      this.step.record({ call: request.call, status, durationMs: Math.round(performance.now() - startedAt) });
    try {
      const answer = await send(this.step.pools.of(request.target));
      record(answer.status);
      return { answer };
    } catch (error) {
      record(undefined);
      return { error };
    }
  }

  /** Returns when the call should be sent again; else throws what its failure means to the step. */
  private async waitOrThrow(request: HttpRequest, tries: number, failure: unknown): Promise<void> {
    const { abort, deadlineAt } = this.step;
    if (abort.aborted) throw abort.reason ?? new Error('The step was aborted');
    const answer = failure instanceof HttpAnswer ? failure : undefined;
    if (request.repeatable) {
      const failed: FailedTry = answer
        ? { answered: true, status: answer.status, retryAfter: answer.header('retry-after') }
        : { answered: false, error: failure };
      const waitMs = waitBeforeRetry(tries, failed, Math.random());
      if (waitMs !== undefined && Date.now() + waitMs < deadlineAt) return pause(waitMs, abort);
    }
    throw answer ? refusalOf(request.call, answer) : failureOf(request.call, failure);
  }
}

function isWanted(status: number, { accept }: HttpOptions): boolean {
  return (status >= 200 && status < 300) || (accept?.includes(status) ?? false);
}

function exchangeOptions(request: HttpRequest, options: HttpOptions, abort: AbortSource): ExchangeOptions {
  const { method, target, headers, body } = request;
  return {
    request: {
      origin: target.origin,
      path: target.pathname + target.search,
      method,
      headers,
      body,
      // The exchange keeps the time.
      headersTimeout: 0,
      bodyTimeout: 0,
    },
    abort,
    timeoutMs: options.timeoutMs ?? (body instanceof Readable ? defaultUploadTimeoutMs : defaultTimeoutMs),
    maxBytes: options.maxBytes ?? maxAnswerBytes,
  };
}
