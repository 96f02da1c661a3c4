import type { Writable } from 'node:stream';

import { connect, type Channel, type ChannelModel, type SocketOptions } from 'amqplib';

import { within } from './backoff.js';
import { coalesceWrites } from './coalesce-writes.js';

export interface DialOptions {
  url: string;
  /** Shown in the broker's list of connections. */
  name: string;
  heartbeatSeconds: number;
  timeoutMs: number;
  /** Ends a connection attempt that is under way. */
  signal: AbortSignal;
}

/** One open connection, from its handshake to its end. */
export interface LiveConnection {
  readonly model: ChannelModel;
  /** Resolves with the cause once the connection has ended, whoever ended it. Never rejects. */
  readonly ended: Promise<Error>;
  /** Ends it in an orderly way; after `timeoutMs` by force. */
  close(timeoutMs: number): Promise<void>;
  /** Ends it at once; the reason becomes the cause of its end. */
  destroy(reason: Error): void;
}

/** Long enough for a broker that elects leaders or declares quorum queues under load. */
const CHANNEL_TIMEOUT_MS = 20_000;

/**
 * Opens a connection with `noDelay` and heartbeats. Rejects when the broker cannot be reached, refuses the handshake or does
 * not finish it in time.
 */
export async function dial(options: DialOptions): Promise<LiveConnection> {
  const abort = new AbortController();
  const giveUp = (): void => abort.abort();
  options.signal.addEventListener('abort', giveUp, { once: true });
  try {
    const socketOptions: SocketOptions & { signal: AbortSignal } = {
      // Without it small frames wait for the peer's delayed ack: 44 ms instead of 1.4 ms per idle confirmed publish.
      noDelay: true,
      keepAlive: true,
      clientProperties: { connection_name: options.name },
      // Destroying the socket is the only way to end a handshake, or a connection whose peer has gone silent.
      signal: abort.signal,
    };
    const model = await within(connect(withHeartbeat(options), socketOptions), options.timeoutMs, () => {
      abort.abort();
      return new Error(`The broker did not finish the handshake within ${options.timeoutMs} ms`);
    });
    const { stream } = model.connection as { stream?: Writable };
    if (stream) coalesceWrites(stream);
    return watch(model, giveUp);
  } finally {
    options.signal.removeEventListener('abort', giveUp);
  }
}

function withHeartbeat(options: DialOptions): string {
  const url = new URL(options.url);
  url.searchParams.set('heartbeat', String(options.heartbeatSeconds));
  return url.href;
}

function watch(model: ChannelModel, endSocket: () => void): LiveConnection {
  let cause: Error | undefined;
  let over = false;
  const destroy = (reason: Error): void => {
    cause ??= reason;
    endSocket();
  };
  const ended = new Promise<Error>((resolve) => {
    // Without a listener an 'error' event would end the process; 'close' always follows it.
    model.on('error', (error) => {
      cause ??= error;
    });
    model.on('close', (error) => {
      over = true;
      resolve(cause ?? error ?? new Error('Connection closed'));
      // The library only half-closes the socket, which lingers when the peer is silent. The delay lets the last frame out.
      setTimeout(endSocket, 500).unref();
    });
  });
  return {
    model,
    ended,
    destroy,
    async close(timeoutMs) {
      if (!over)
        await within(model.close(), timeoutMs, () => new Error('The broker did not end the connection')).catch(destroy);
    },
  };
}

/** Opens a channel whose death cannot harm the process. Rejects when the connection dies or the broker does not answer. */
export async function openChannel(connection: LiveConnection, kind: 'plain' | 'confirm'): Promise<Channel> {
  const { model } = connection;
  const opening: Promise<Channel> = kind === 'confirm' ? model.createConfirmChannel() : model.createChannel();
  const channel = await within(opening, CHANNEL_TIMEOUT_MS, () => {
    const error = new Error(`The broker did not open a channel within ${CHANNEL_TIMEOUT_MS} ms`);
    connection.destroy(error);
    return error;
  });
  channel.on('error', ignore);
  return channel;
}

/** Closes a channel if it is still open; never rejects. */
export async function closeChannel(channel: Channel, timeoutMs: number): Promise<void> {
  // On a channel that is closed already, the library throws.
  const closing = (async () => channel.close())();
  await within(closing, timeoutMs, () => new Error('timeout')).catch(ignore);
}

/** Runs a piece of work on a channel of its own and closes it. */
export async function onOwnChannel<T>(
  connection: LiveConnection,
  timeoutMs: number,
  work: (channel: Channel) => Promise<T>,
): Promise<T> {
  const channel = await openChannel(connection, 'plain');
  try {
    return await within(work(channel), timeoutMs, () => new Error(`The broker did not answer within ${timeoutMs} ms`));
  } finally {
    void closeChannel(channel, timeoutMs);
  }
}

function ignore(): void {
  // A channel's end is seen at its 'close' event or at the operation that fails with it.
}
