/*
 * A session is one connection to the broker that is opened again for ever.
 *
 *   connecting ── connected and topology declared ──▶ up ◀──▶ blocked (the broker takes no messages: memory or disk alarm)
 *       ▲                                             │         │
 *       └──────────── connection lost ────────────────┴─────────┘
 *   any state ── close() ──▶ closed
 *
 * The topology is declared before `up`, on every connection, so whoever sees `up` can rely on it, even on a broker that
 * has lost its disk.
 */
import { maskUrl, type Logger } from '@millrace/observability';

import { backoffMs, pause, type BackoffBounds } from './backoff.js';
import { dial, onOwnChannel, type LiveConnection } from './connection.js';
import { DeclaredTopology, declareTopology, replyCode, TopologyError, type Topology } from './topology.js';

export type SessionState = 'connecting' | 'up' | 'blocked' | 'closed';

export interface SessionOptions {
  url: string;
  /** Name of the connection, shown in the broker. */
  name: string;
  topology: Topology;
  logger: Logger;
  /** Default 10. A silent peer is given up after two to three of these. */
  heartbeatSeconds?: number;
  /** Wait between connection attempts; default 100 ms to 5 s. */
  reconnect?: BackoffBounds;
  /** Bound of one connection attempt, handshake included; default 10 s. */
  connectTimeoutMs?: number;
}

export interface AmqpSession {
  readonly name: string;
  readonly state: SessionState;
  /** Resolves when the session is connected and its topology declared. Rejects after `timeoutMs` with the last failure as cause, or when closed. */
  ready(timeoutMs?: number): Promise<void>;
  /** Calls the listener after each change of state; returns the function that ends this. */
  onState(listener: (state: SessionState) => void): () => void;
  /**
   * Adds to the topology and resolves when the broker has it. Costs nothing for what the session declares already: that is
   * there whenever the session is up. Else it waits for a connection; rejects with TopologyError when the broker refuses,
   * and the refused part is then not kept.
   */
  declare(topology: Topology): Promise<void>;
  /**
   * Declares on the broker although the session declares it already: for when a message came back as `returned`, because
   * somebody has deleted the queue since. Calls for the same topology at the same time cost one declaration. Waits and
   * rejects as `declare` does.
   */
  redeclare(topology: Topology): Promise<void>;
  /** Number of messages ready in a queue, undefined if there is no such queue. Waits for a connection at most 10 s. */
  messageCount(queue: string): Promise<number | undefined>;
  /** Number of consumers of a queue, undefined if there is no such queue. Waits for a connection at most 10 s. */
  consumerCount(queue: string): Promise<number | undefined>;
  /** Closes the connection for good. Close its consumers and publishers first: what they have under way is cut off. */
  close(): Promise<void>;
}

const DEFAULT_RECONNECT: BackoffBounds = { minMs: 100, maxMs: 5_000 };
/** A connection that lived this long was a good one: the next attempts start with short waits again. */
const GOOD_LIFE_MS = 10_000;
const DECLARE_TIMEOUT_MS = 60_000;
const READY_FOR_COUNT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 5_000;

/**
 * Opens a session: returns at once, connects in the background and keeps connecting for ever.
 * Throws TypeError when the URL is not an amqp: or amqps: URL.
 */
export function openSession(options: SessionOptions): AmqpSession {
  return new Session(options);
}

/** The session as the rest of this library sees it. */
export function sessionOf(session: AmqpSession): Session {
  if (session instanceof Session) return session;
  throw new TypeError('This session was not made by openSession of @millrace/amqp');
}

export class Session implements AmqpSession {
  readonly name: string;
  readonly topology = new DeclaredTopology();
  /** Present while `up` or `blocked`. */
  connection: LiveConnection | undefined;
  /** Counts the connections that came up. */
  generation = 0;

  readonly #options: SessionOptions;
  readonly #logger: Logger;
  readonly #closing = new AbortController();
  readonly #listeners = new Set<(state: SessionState) => void>();
  readonly #run: Promise<void>;
  #state: SessionState = 'connecting';
  #lastFailure: Error | undefined;
  readonly #redeclaring = new Map<string, Promise<void>>();
  #redeclaringAll: Promise<void> | undefined;

  constructor(options: SessionOptions) {
    assertAmqpUrl(options.url);
    this.name = options.name;
    this.#options = options;
    this.#logger = options.logger.child({ connection: options.name });
    this.topology.keep(options.topology);
    this.#run = this.#reconnectForEver();
  }

  get state(): SessionState {
    return this.#state;
  }

  onState(listener: (state: SessionState) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** As in AmqpSession; the signal ends the wait, too. */
  async ready(timeoutMs?: number, signal?: AbortSignal): Promise<void> {
    if (this.connection) return;
    await new Promise<void>((resolve, reject) => {
      const settle = (error?: Error): void => {
        forget();
        clearTimeout(timer);
        signal?.removeEventListener('abort', stop);
        if (error) reject(error);
        else resolve();
      };
      const stop = (): void => settle(new Error('The wait for the session was ended'));
      const forget = this.onState((state) => {
        if (state === 'closed') settle(this.#closedError());
        else if (state !== 'connecting') settle();
      });
      const timer =
        timeoutMs === undefined
          ? undefined
          : setTimeout(() => {
              const text = `No connection "${this.name}" to the broker at ${maskUrl(this.#options.url)} within ${timeoutMs} ms: check that it runs and is reachable`;
              settle(new Error(text, { cause: this.#lastFailure }));
            }, timeoutMs);
      signal?.addEventListener('abort', stop);
      if (this.#state === 'closed') settle(this.#closedError());
      else if (signal?.aborted) stop();
    });
  }

  declare(topology: Topology): Promise<void> {
    return this.#declarePart(() => this.topology.missing(topology));
  }

  redeclare(topology: Topology): Promise<void> {
    // Whole batches of messages come back when a queue is gone.
    const key = JSON.stringify(topology);
    let underWay = this.#redeclaring.get(key);
    if (!underWay) {
      underWay = this.#declarePart(() => topology).finally(() => this.#redeclaring.delete(key));
      this.#redeclaring.set(key, underWay);
    }
    return underWay;
  }

  /** Declares the whole topology once more on the present connection: a queue may have been deleted under us. */
  redeclareAll(): Promise<void> {
    const { connection } = this;
    if (!connection) return Promise.resolve();
    this.#redeclaringAll ??= this.#declareAll(connection).finally(() => {
      this.#redeclaringAll = undefined;
    });
    return this.#redeclaringAll;
  }

  async messageCount(queue: string): Promise<number | undefined> {
    return (await this.#counts(queue))?.messageCount;
  }

  async consumerCount(queue: string): Promise<number | undefined> {
    return (await this.#counts(queue))?.consumerCount;
  }

  async #counts(queue: string): Promise<{ messageCount: number; consumerCount: number } | undefined> {
    await this.ready(READY_FOR_COUNT_MS);
    const { connection } = this;
    if (!connection) throw this.#closedError();
    try {
      return await onOwnChannel(connection, READY_FOR_COUNT_MS, (channel) => channel.checkQueue(queue));
    } catch (error) {
      if (replyCode(error) === 404) return undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    if (!this.#closing.signal.aborted) {
      const { connection } = this;
      this.#closing.abort();
      await connection?.close(CLOSE_TIMEOUT_MS);
    }
    await this.#run;
  }

  get #reconnect(): BackoffBounds {
    return this.#options.reconnect ?? DEFAULT_RECONNECT;
  }

  async #reconnectForEver(): Promise<void> {
    const { signal } = this.#closing;
    let failures = 0;
    while (!signal.aborted) {
      const startedAt = performance.now();
      const failure = await this.#connectAndStay();
      if (signal.aborted) break;
      this.#lastFailure = failure;
      failures = performance.now() - startedAt > GOOD_LIFE_MS ? 1 : failures + 1;
      const waitMs = backoffMs(failures, this.#reconnect);
      // Lines get rarer while the broker stays away: tries 1, 2, 4, 8 …
      if ((failures & (failures - 1)) === 0) {
        this.#logger.warn({ err: failure, attempt: failures, waitMs }, 'no connection to the broker, trying again');
      }
      await pause(waitMs, signal);
    }
    this.#enter('closed');
  }

  /** One connection from dialling to its end. Resolves with why it ended. */
  async #connectAndStay(): Promise<Error> {
    const { signal } = this.#closing;
    let connection: LiveConnection | undefined;
    try {
      connection = await dial({
        url: this.#options.url,
        name: this.#options.name,
        heartbeatSeconds: this.#options.heartbeatSeconds ?? 10,
        timeoutMs: this.#options.connectTimeoutMs ?? 10_000,
        signal,
      });
      connection.model.on('blocked', (reason) => this.#blocked(reason));
      connection.model.on('unblocked', () => this.#unblocked());
      await this.#declareUnlessClosed(connection);
      this.connection = connection;
      this.generation += 1;
      this.#logger.info({ generation: this.generation }, 'connected to the broker');
      this.#enter('up');
      return await connection.ended;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    } finally {
      this.connection = undefined;
      if (this.#state !== 'connecting' && !signal.aborted) this.#enter('connecting');
      await connection?.close(CLOSE_TIMEOUT_MS);
    }
  }

  /** On a connection that is not up yet: a close need not wait for a broker that does not answer. */
  async #declareUnlessClosed(connection: LiveConnection): Promise<void> {
    const { signal } = this.#closing;
    const giveUp = (): void => connection.destroy(this.#closedError());
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      if (signal.aborted) throw this.#closedError();
      await this.#declareAll(connection);
      if (signal.aborted) throw this.#closedError();
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  /** Declares what `part` names at each try until that is done on the connection that is present afterwards, too. */
  async #declarePart(part: () => Topology | undefined): Promise<void> {
    for (;;) {
      const wanted = part();
      if (!wanted) return;
      await this.ready();
      const { connection } = this;
      if (!connection) continue;
      try {
        await onOwnChannel(connection, DECLARE_TIMEOUT_MS, (channel) => declareTopology(channel, wanted));
        // A connection that was made meanwhile does not have it yet.
        if (this.connection !== connection) continue;
        this.topology.keep(wanted);
        return;
      } catch (error) {
        if (error instanceof TopologyError || this.#state === 'closed') throw error;
        await pause(backoffMs(1, this.#reconnect), this.#closing.signal);
      }
    }
  }

  async #declareAll(connection: LiveConnection): Promise<void> {
    await onOwnChannel(connection, DECLARE_TIMEOUT_MS, (channel) => declareTopology(channel, this.topology.all()));
  }

  #blocked(reason: string): void {
    this.#logger.warn({ reason }, 'the broker takes no messages for now');
    if (this.#state === 'up') this.#enter('blocked');
  }

  #unblocked(): void {
    this.#logger.info('the broker takes messages again');
    if (this.#state === 'blocked') this.#enter('up');
  }

  #enter(state: SessionState): void {
    this.#state = state;
    for (const listener of this.#listeners) {
      try {
        listener(state);
      } catch (error) {
        this.#logger.error({ err: error, state }, 'a listener of the session state failed');
      }
    }
  }

  #closedError(): Error {
    return new Error(`The session "${this.name}" is closed`);
  }
}

function assertAmqpUrl(url: string): void {
  const protocol = URL.canParse(url) ? new URL(url).protocol : '';
  if (protocol !== 'amqp:' && protocol !== 'amqps:') {
    // The value may hold a password, so it is not shown.
    throw new TypeError('The URL of the broker must start with amqp:// or amqps://');
  }
}
