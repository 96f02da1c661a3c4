import { Readable } from 'node:stream';
import type { Dispatcher } from '@millrace/outgoing';
import type { AbortSource } from './abort.js';
import { AnswerTimeout, AnswerTooLarge } from './http-failure.js';

export interface Exchanged {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Buffer;
}

/** An answer whose body comes in as it is read. */
export type Opened = Omit<Exchanged, 'body'> & { body: Readable };

export interface ExchangeOptions {
  request: Dispatcher.DispatchOptions;
  abort: AbortSource;
  /** Until the answer is there whole, or begins where it is streamed. */
  timeoutMs: number;
  maxBytes: number;
}

export interface StreamedOptions extends ExchangeOptions {
  wanted: (status: number) => boolean;
  /** Makes the error of the stream of what broke it off. */
  failure: (error: unknown) => Error;
}

/** Of an answer that is not wanted, only its words on why are read. */
const maxUnwantedBytes = 64 * 1024;

/**
 * One request and its answer, read whole, on the dispatcher itself: without the body stream and the abort signal that
 * `undici.request` makes for each call it takes half the CPU. Rejects with undici's error, with `AnswerTooLarge` or
 * `AnswerTimeout`, or with the source's reason once that aborts; each of these also ends the connection.
 */
export function exchange(pool: Dispatcher, options: ExchangeOptions): Promise<Exchanged> {
  return new Promise((resolve, reject) => {
    const answer = new WholeAnswer(options, resolve, reject);
    answer.begin(pool);
  });
}

/**
 * As `exchange`, but the body of an answer whose status is `wanted` is a stream: the peer sends no faster than it is
 * read. The stream is destroyed when the step aborts, when it outgrows `maxBytes`, or when the peer is silent for
 * `timeoutMs` while it is read.
 */
export function openExchange(pool: Dispatcher, options: StreamedOptions): Promise<Exchanged | Opened> {
  return new Promise((resolve, reject) => {
    const answer = new StreamedAnswer(options, resolve, reject);
    answer.begin(pool);
  });
}

class WholeAnswer implements Dispatcher.DispatchHandler {
  protected controller: Dispatcher.DispatchController | undefined;
  protected status = 0;
  protected headers: Exchanged['headers'] = {};
  protected bytes = 0;
  private readonly chunks: Buffer[] = [];
  private forget: (() => void) | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    protected readonly options: ExchangeOptions,
    private readonly resolve: (exchanged: Exchanged) => void,
    private readonly reject: (error: unknown) => void,
  ) {}

  begin(pool: Dispatcher): void {
    const { request, abort, timeoutMs } = this.options;
    if (abort.aborted) return this.reject(this.reason());
    this.forget = abort.onAbort(() => this.end(this.reason()));
    this.timer = setTimeout(() => this.end(new AnswerTimeout(timeoutMs)), timeoutMs);
    try {
      pool.dispatch(request, this);
    } catch (error) {
      this.end(error);
    }
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // It may have waited for a connection when it was given up.
    if (this.forget === undefined) controller.abort(this.reason());
    else this.controller = controller;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Exchanged['headers']): void {
    this.status = status;
    this.headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.bytes += chunk.length;
    const { maxBytes } = this.options;
    if (this.bytes > maxBytes) return this.end(new AnswerTooLarge(maxBytes));
    this.chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.settle();
    const [first] = this.chunks;
    const body = first && this.chunks.length === 1 ? first : Buffer.concat(this.chunks);
    this.resolve({ status: this.status, headers: this.headers, body });
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    this.settle();
    this.reject(error);
  }

  /** Ends the call before its answer was there. */
  protected end(error: unknown): void {
    this.settle();
    this.reject(error);
    this.controller?.abort(error instanceof Error ? error : new Error(String(error)));
  }

  protected settle(): void {
    this.stopTimer();
    this.forget?.();
    this.forget = undefined;
  }

  protected stopTimer(): void {
    clearTimeout(this.timer);
  }

  private reason(): Error {
    return this.options.abort.reason ?? new Error('The call was given up');
  }
}

class StreamedAnswer extends WholeAnswer {
  private stream: Readable | undefined;
  private ended = false;

  constructor(
    private readonly streamed: StreamedOptions,
    private readonly open: (answer: Exchanged | Opened) => void,
    reject: (error: unknown) => void,
  ) {
    super(streamed, open, reject);
  }

  override onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Exchanged['headers'],
  ): void {
    super.onResponseStart(controller, status, headers);
    if (status < 200) return;
    if (!this.streamed.wanted(status)) return;
    this.stopTimer();
    this.stream = new Readable({
      read: () => controller.resume(),
      destroy: (error, done) => {
        this.settle();
        if (!this.ended) controller.abort(error ?? new Error('The answer was not read to its end'));
        done(error);
      },
    });
    this.open({ status, headers, body: this.stream });
  }

  override onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.stream) {
      if (this.bytes + chunk.length <= maxUnwantedBytes) return super.onResponseData(controller, chunk);
      super.onResponseEnd();
      return controller.abort(new AnswerTooLarge(maxUnwantedBytes));
    }
    this.bytes += chunk.length;
    const { maxBytes } = this.options;
    if (this.bytes > maxBytes) this.end(new AnswerTooLarge(maxBytes));
    else if (!this.stream.push(chunk)) controller.pause();
  }

  override onResponseEnd(): void {
    if (!this.stream) return super.onResponseEnd();
    this.ended = true;
    this.settle();
    this.stream.push(null);
  }

  override onResponseError(controller: Dispatcher.DispatchController | undefined, error: Error): void {
    if (!this.stream) return super.onResponseError(controller, error);
    this.ended = true;
    this.settle();
    this.stream.destroy(this.streamed.failure(error));
  }

  protected override end(error: unknown): void {
    if (!this.stream) return super.end(error);
    this.settle();
    this.stream.destroy(this.streamed.failure(error));
  }
}
