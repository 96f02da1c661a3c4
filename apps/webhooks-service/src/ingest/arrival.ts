import type { IncomingMessage } from 'node:http';

/*
 * A body comes in piece by piece, as fast as its sender likes. A sender has 30 s and another second for each 16 KiB it has
 * sent, and no pause may be longer than 15 s. Only the time in which we wait for the sender counts: it is not to blame for
 * the time in which a file is being stored.
 */

/** Why a body did not come in whole. */
export type ArrivalFault = 'tooLarge' | 'timedOut' | 'brokenOff' | 'noRoom';

/** What a body that is read as a stream breaks off with. */
export class ArrivalError extends Error {
  override readonly name = 'ArrivalError';

  constructor(readonly fault: ArrivalFault) {
    super(`the body did not come in whole: ${fault}`);
  }
}

export interface ArrivalOptions {
  /** Bytes of all bodies that are held in memory at a time. */
  maxHeldBytes: number;
  graceMs: number;
  bytesPerSecond: number;
  idleMs: number;
  sweepMs: number;
  /** Milliseconds of a clock that is never set back. */
  clock: () => number;
}

/** The usual pace of bodies. */
export const usualPace = { graceMs: 30_000, bytesPerSecond: 16 * 1024, idleMs: 15_000, sweepMs: 500 };

export interface Arrivals {
  /**
   * Reads a body of at most `maxBytes` into memory, or resolves why that cannot be; what is left of it then stays unread.
   * Its bytes count as held until `letGo`.
   */
  collect(message: IncomingMessage, maxBytes: number): Promise<Buffer | ArrivalFault>;
  /** Says that the bytes of a collected body are not needed any more. */
  letGo(bytes: number): void;
  /** A body of at most `maxBytes` piece by piece, no faster than it is taken. Throws `ArrivalError` midway. */
  stream(message: IncomingMessage, maxBytes: number): AsyncIterable<Buffer>;
  close(): void;
}

/** A body on its way. */
interface Arrival {
  receivedBytes: number;
  waitedMs: number;
  /** Since when the sender is waited for; `undefined` while it is not. */
  waitingSinceMs: number | undefined;
  giveUp(): void;
}

export function createArrivals(options: ArrivalOptions): Arrivals {
  const { maxHeldBytes, graceMs, bytesPerSecond, idleMs, clock } = options;
  const arrivals = new Set<Arrival>();
  let heldBytes = 0;

  // One timer for all: a timer for each body would cost more than reading it.
  const sweep = setInterval(() => {
    const nowMs = clock();
    for (const arrival of arrivals) if (isLate(arrival, nowMs)) arrival.giveUp();
  }, options.sweepMs).unref();

  function isLate({ receivedBytes, waitedMs, waitingSinceMs }: Arrival, nowMs: number): boolean {
    if (waitingSinceMs === undefined) return false;
    const pauseMs = nowMs - waitingSinceMs;
    return pauseMs > idleMs || waitedMs + pauseMs > graceMs + (receivedBytes / bytesPerSecond) * 1000;
  }

  function collect(message: IncomingMessage, maxBytes: number): Promise<Buffer | ArrivalFault> {
    return new Promise((resolve) => {
      const chunks: Buffer[] = [];
      const end = (result: Buffer | ArrivalFault): void => {
        arrivals.delete(arrival);
        message.off('data', onData).off('end', onEnd).off('error', onBroken).off('close', onBroken);
        if (typeof result === 'string') {
          message.pause();
          heldBytes -= arrival.receivedBytes;
        }
        resolve(result);
      };
      const arrival: Arrival = { ...waiting(clock()), giveUp: () => end('timedOut') };
      const onData = (chunk: Buffer): void => {
        receive(arrival, chunk, clock());
        heldBytes += chunk.length;
        if (arrival.receivedBytes > maxBytes) end('tooLarge');
        else if (heldBytes > maxHeldBytes) end('noRoom');
        else chunks.push(chunk);
      };
      const onEnd = (): void => {
        const [only = empty] = chunks;
        end(chunks.length <= 1 ? only : Buffer.concat(chunks, arrival.receivedBytes));
      };
      const onBroken = (): void => end('brokenOff');
      arrivals.add(arrival);
      message.on('data', onData).on('end', onEnd).on('error', onBroken).on('close', onBroken);
      // Nothing is heard of a connection that broke before.
      if (message.destroyed && !message.readable) onBroken();
    });
  }

  async function* stream(message: IncomingMessage, maxBytes: number): AsyncGenerator<Buffer> {
    let wake: () => void = () => undefined;
    let ended = false;
    let fault: ArrivalFault | undefined;
    const stop = (why: ArrivalFault): void => {
      fault ??= why;
      wake();
    };
    const arrival: Arrival = { ...waiting(undefined), giveUp: () => stop('timedOut') };
    const onReadable = (): void => wake();
    const onEnd = (): void => {
      ended = true;
      wake();
    };
    const onBroken = (): void => stop('brokenOff');
    arrivals.add(arrival);
    message.on('readable', onReadable).on('end', onEnd).on('error', onBroken).on('close', onBroken);
    try {
      for (;;) {
        const chunk = message.read() as Buffer | null;
        if (chunk !== null) {
          receive(arrival, chunk, undefined);
          if (arrival.receivedBytes > maxBytes) throw new ArrivalError('tooLarge');
          yield chunk;
        } else if (ended || message.readableEnded) return;
        else if (fault || message.destroyed) throw new ArrivalError(fault ?? 'brokenOff');
        else {
          arrival.waitingSinceMs = clock();
          await new Promise<void>((resolve) => (wake = resolve));
          arrival.waitedMs += clock() - arrival.waitingSinceMs;
          arrival.waitingSinceMs = undefined;
        }
      }
    } finally {
      arrivals.delete(arrival);
      message.off('readable', onReadable).off('end', onEnd).off('error', onBroken).off('close', onBroken);
    }
  }

  return {
    collect,
    letGo(bytes) {
      heldBytes -= bytes;
    },
    stream,
    close: () => clearInterval(sweep),
  };
}

function waiting(sinceMs: number | undefined): Omit<Arrival, 'giveUp'> {
  return { receivedBytes: 0, waitedMs: 0, waitingSinceMs: sinceMs };
}

/** Counts a piece; `nowMs` when the next one is waited for at once. */
function receive(arrival: Arrival, chunk: Buffer, nowMs: number | undefined): void {
  arrival.receivedBytes += chunk.length;
  if (nowMs === undefined || arrival.waitingSinceMs === undefined) return;
  arrival.waitedMs += nowMs - arrival.waitingSinceMs;
  arrival.waitingSinceMs = nowMs;
}

const empty = Buffer.alloc(0);
