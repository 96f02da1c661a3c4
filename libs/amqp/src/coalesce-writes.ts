import type { Writable } from 'node:stream';

/**
 * Sends what is written within one turn of the event loop with one system call. amqplib writes each message by itself,
 * and with `noDelay` each write is a packet of its own, which the peer is woken up for. Nothing waits longer than until
 * the present turn ends.
 */
export function coalesceWrites(socket: Writable): void {
  const write = socket.write.bind(socket) as (...given: unknown[]) => boolean;
  let corked = false;
  const flush = (): void => {
    corked = false;
    socket.uncork();
  };
  const coalesced = (...given: unknown[]): boolean => {
    if (!corked) {
      corked = true;
      socket.cork();
      process.nextTick(flush);
    }
    return write(...given);
  };
  socket.write = coalesced as typeof socket.write;
}
