import type { IncomingMessage } from 'node:http';
import type { Hold, RoomFault } from './body-room.js';
import { freeBytes } from './free-bytes.js';

/*
 * A body comes in piece by piece, as fast as its sender likes. A sender has 30 s and another second for each 16 KiB it has
 * sent, and no pause may be longer than 15 s. Only the time in which we wait for the sender counts: it is not to blame for
 * the time in which a file is being stored.
 */

/** Why a body did not come in whole. */
export type ArrivalFault = 'tooLarge' | 'timedOut' | 'brokenOff' | RoomFault;

/** What a body that is read as a stream breaks off with. */
export class ArrivalError extends Error {
  override readonly name = 'ArrivalError';

  constructor(readonly fault: ArrivalFault) {
    super(`the body did not come in whole: ${fault}`);
  }
}

export interface ArrivalOptions {
  graceMs: number;
  bytesPerSecond: number;
  idleMs: number;
  sweepMs: number;
  /** Milliseconds of a clock that is never set back. */
  clock: () => number;
}

/** What Node reads of a connection at a time. */
const pieceBytes = 64 * 1024;

/** The usual pace of bodies. */
export const usualPace = { graceMs: 30_000, bytesPerSecond: 16 * 1024, idleMs: 15_000, sweepMs: 500 };

export interface Arrivals {
  /**
   * Reads a body of at most `maxBytes` into memory, or resolves why that cannot be; what is left of it then stays unread.
   * Takes room for its bytes as they come in, which whoever made `hold` gives back.
   */
  collect(message: IncomingMessage, maxBytes: number, hold: Pick<Hold, 'take'>): Promise<Buffer | ArrivalFault>;
  /**
   * A body of at most `maxBytes` piece by piece, no faster than it is taken. Throws `ArrivalError` midway. The bytes of a
   * piece are good until the next one is asked for: one buffer serves for all, so that what has passed takes no memory.
   */
  stream(message: IncomingMessage, maxBytes: number): AsyncIterable<Buffer>;
  close(): void;
}

/** A body on its way. Nobody looks at the clock for each piece: the sweep adds the time that has passed. */
class Arrival {
  receivedBytes = 0;
  /** How long the sender was waited for: in all, and since the last piece. */
  waitedMs = 0;
  pausedMs = 0;

  constructor(
    /** False while a piece is being stored. */
    public waiting: boolean,
    readonly giveUp: () => void,
  ) {}

  received(bytes: number): void {
    this.receivedBytes += bytes;
    this.pausedMs = 0;
  }
}

export function createArrivals(options: ArrivalOptions): Arrivals {
  const { graceMs, bytesPerSecond, idleMs, clock } = options;
  const arrivals = new Set<Arrival>();
  let sweptMs = clock();

  // One timer for all: a timer for each body would cost more than reading it.
  const sweep = setInterval(() => {
    const nowMs = clock();
    for (const arrival of arrivals) if (arrival.waiting) age(arrival, nowMs - sweptMs);
    sweptMs = nowMs;
  }, options.sweepMs).unref();

  function age(arrival: Arrival, byMs: number): void {
    arrival.waitedMs += byMs;
    arrival.pausedMs += byMs;
    const allowedMs = graceMs + (arrival.receivedBytes / bytesPerSecond) * 1000;
    if (arrival.pausedMs > idleMs || arrival.waitedMs > allowedMs) arrival.giveUp();
  }

  function collect(
    message: IncomingMessage,
    maxBytes: number,
    hold: Pick<Hold, 'take'>,
  ): Promise<Buffer | ArrivalFault> {
    return new Promise((resolve) => {
      let first: Buffer | undefined;
      let further: Buffer[] | undefined;
      const arrival = new Arrival(true, () => fail('timedOut'));
      const onData = (chunk: Buffer): void => {
        arrival.received(chunk.length);
        if (arrival.receivedBytes > maxBytes) {
          fail('tooLarge');
          return;
        }
        const full = hold.take(chunk.length);
        if (full) fail(full);
        else if (!first) first = chunk;
        else (further ??= [first]).push(chunk);
      };
      const onEnd = (): void => {
        arrivals.delete(arrival);
        resolve(further ? Buffer.concat(further, arrival.receivedBytes) : (first ?? empty));
        // The message lives as long as a caller waits, and its listeners refer to the body.
        unhear();
      };
      const onClose = (): void => fail('brokenOff');
      const unhear = (): void => {
        message.off('data', onData).off('end', onEnd).off('close', onClose);
      };
      const fail = (fault: ArrivalFault): void => {
        // Every message closes in the end; only the first fault, before the end, counts.
        if (!arrivals.delete(arrival)) return;
        unhear();
        message.pause();
        resolve(fault);
      };
      arrivals.add(arrival);
      message.on('data', onData).on('end', onEnd).on('close', onClose);
      // Nothing is heard of a connection that broke before.
      if (message.destroyed && !message.readable) onClose();
    });
  }

  async function* stream(message: IncomingMessage, maxBytes: number): AsyncGenerator<Buffer> {
    let wake: () => void = () => undefined;
    let chunk: Buffer | undefined;
    let passing = empty;
    let ended = false;
    let fault: ArrivalFault | undefined;
    const stop = (why: ArrivalFault): void => {
      fault ??= why;
      wake();
    };
    const arrival = new Arrival(false, () => stop('timedOut'));
    const onData = (piece: Buffer): void => {
      chunk = piece;
      message.pause();
      wake();
    };
    const onEnd = (): void => {
      ended = true;
      wake();
    };
    const onClose = (): void => stop('brokenOff');
    arrivals.add(arrival);
    message.on('data', onData).on('end', onEnd).on('close', onClose);
    try {
      for (;;) {
        if (chunk) {
          const piece = chunk;
          chunk = undefined;
          const { length } = piece;
          arrival.received(length);
          if (arrival.receivedBytes > maxBytes) throw new ArrivalError('tooLarge');
          // What comes with the head is small, and may be all.
          if (passing.length < length) passing = Buffer.allocUnsafeSlow(Math.max(length, passing.length && pieceBytes));
          piece.copy(passing);
          freeBytes(piece);
          yield passing.subarray(0, length);
        } else if (ended || message.readableEnded) return;
        else if (fault || message.destroyed) throw new ArrivalError(fault ?? 'brokenOff');
        else {
          arrival.waiting = true;
          const woken = new Promise<void>((resolve) => (wake = resolve));
          message.resume();
          await woken;
          arrival.waiting = false;
        }
      }
    } finally {
      arrivals.delete(arrival);
      message.off('data', onData).off('end', onEnd).off('close', onClose).pause();
    }
  }

  return {
    collect,
    stream,
    close: () => clearInterval(sweep),
  };
}

const empty = Buffer.alloc(0);
