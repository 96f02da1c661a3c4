import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

export interface Connections {
  /** Ends the connections that would keep a server open that closes; those that wait for an answer after `withinMs`. */
  drain(withinMs: number): void;
}

/** A request may be on its way already. */
const firstByteMs = 250;
const headersMs = 2_000;

/**
 * Knows which connections have not sent a request yet. A server that closes ends those that are idle after an answer, but
 * waits for these as long as their callers like.
 */
export function watchConnections(server: Server): Connections {
  const silent = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  server.on('request', ({ socket }: IncomingMessage) => silent.delete(socket));
  const endSilent = (mostBytes: number): void => {
    for (const socket of silent) if (socket.bytesRead <= mostBytes) socket.destroy();
  };
  return {
    drain(withinMs) {
      setTimeout(endSilent, firstByteMs, 0).unref();
      setTimeout(endSilent, headersMs, Infinity).unref();
      setTimeout(() => server.closeAllConnections(), withinMs).unref();
    },
  };
}
