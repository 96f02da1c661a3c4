import { MessageChannel } from 'node:worker_threads';

/** What is smaller is not worth the call. */
const leastBytes = 4 * 1024;

/** A port that is closed: what is moved to it is gone at once. */
const nowhere = closedPort();

function closedPort(): MessageChannel['port1'] {
  const { port1, port2 } = new MessageChannel();
  port1.close();
  port2.close();
  return port1;
}

/**
 * Gives the memory of a buffer back at once, when nobody else has a part of it; the buffer is empty from then on. Only for
 * whoever has the one reference to it, and never for bytes that something still reads in the background, such as zlib.
 *
 * V8 collects young buffers only once there are 32 MiB of them, so that what has passed of an upload stays resident up to
 * that. Moved to a closed port (the transfer is carried out, the message dropped), 64 KiB cost 17 µs with their
 * allocation, against 27 µs when they are left to the collector, for whom every page is new.
 */
export function freeBytes({ buffer, byteLength }: Buffer): void {
  if (byteLength < leastBytes || buffer.byteLength !== byteLength || !(buffer instanceof ArrayBuffer)) return;
  nowhere.postMessage(undefined, [buffer]);
}
