/*
 * A channel that is opened again whenever it is gone: with its connection, or alone (the broker closes a channel on a failed
 * operation and on its consumer timeout). Before it is opened again on the same connection the topology is declared again,
 * because a deleted queue is a common cause.
 */
import type { Logger } from '@millrace/observability';
import type { Channel } from 'amqplib';

import { backoffMs, pause, within } from './backoff.js';
import { closeChannel, openChannel } from './connection.js';
import type { Session } from './session.js';

/** What lives on the channel. */
export interface ChannelTenant {
  /** Prepares a fresh channel; when it rejects, the channel is closed and another one is tried. */
  open(channel: Channel, generation: number): Promise<void>;
  /** The channel of the latest `open` is gone, whether that had succeeded or not. */
  lost(): void;
  /** The session was closed, no channel will follow. */
  ended(): void;
}

export interface KeptChannelOptions {
  session: Session;
  kind: 'plain' | 'confirm';
  logger: Logger;
  tenant: ChannelTenant;
}

const REOPEN = { minMs: 50, maxMs: 5_000 };
const GOOD_LIFE_MS = 10_000;
const OPEN_TIMEOUT_MS = 20_000;
const CLOSE_TIMEOUT_MS = 1_000;

export class KeptChannel {
  readonly #options: KeptChannelOptions;
  readonly #closing = new AbortController();
  readonly #run: Promise<void>;
  #channel: Channel | undefined;
  #recycled: Channel | undefined;
  #forget: (() => void) | undefined;

  constructor(options: KeptChannelOptions) {
    this.#options = options;
    this.#run = this.#keepOpen();
  }

  /** Closes the present channel, another one follows. */
  recycle(reason: string): void {
    const channel = this.#channel;
    if (!channel || channel === this.#recycled) return;
    this.#recycled = channel;
    this.#options.logger.warn({ reason }, 'opening the channel anew');
    // The wait for a channel that is dead already would never end by itself.
    void closeChannel(channel, CLOSE_TIMEOUT_MS).then(this.#forget);
  }

  /** Closes the channel for good, in an orderly way: what was sent on it before reaches the broker. */
  async close(timeoutMs: number): Promise<void> {
    this.#closing.abort();
    if (this.#channel) await closeChannel(this.#channel, timeoutMs);
    this.#forget?.();
    await within(this.#run, timeoutMs, () => new Error('timeout')).catch(() => undefined);
  }

  async #keepOpen(): Promise<void> {
    const { session, tenant, logger } = this.#options;
    let failures = 0;
    let generation = 0;
    while (!this.#closing.signal.aborted) {
      const startedAt = performance.now();
      try {
        await session.ready(undefined, this.#closing.signal);
        if (this.#closing.signal.aborted) break;
        if (session.generation !== generation) failures = 0;
        else await session.redeclareAll();
        generation = session.generation;
        await this.#openAndStay();
        if (this.#closing.signal.aborted) break;
        logger.info('the channel was closed, opening it again');
      } catch (error) {
        if (session.state === 'closed' || this.#closing.signal.aborted) break;
        logger.warn({ err: error }, 'no channel, trying again');
      }
      failures = performance.now() - startedAt > GOOD_LIFE_MS ? 1 : failures + 1;
      await pause(backoffMs(failures, REOPEN), this.#closing.signal);
    }
    tenant.ended();
  }

  /** One channel from its opening to its end. */
  async #openAndStay(): Promise<void> {
    const { session, kind, tenant } = this.#options;
    const { connection } = session;
    if (!connection) return;
    const channel = await openChannel(connection, kind);
    const gone = new Promise<void>((resolve) => {
      channel.once('close', () => resolve());
      this.#forget = resolve;
    });
    this.#channel = channel;
    try {
      if (this.#closing.signal.aborted) return;
      // A queue without a leader does not answer. Other channels of the connection may be well, so only this one is given up.
      await within(tenant.open(channel, session.generation), OPEN_TIMEOUT_MS, () => {
        return new Error(`The broker did not answer on a new channel within ${OPEN_TIMEOUT_MS} ms`);
      });
      // The connection's end counts too: a channel may have died before there was a listener.
      await Promise.race([gone, connection.ended]);
    } finally {
      this.#channel = undefined;
      tenant.lost();
      await closeChannel(channel, CLOSE_TIMEOUT_MS);
    }
  }
}
