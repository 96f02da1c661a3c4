import { createServer } from 'node:net';

/**
 * Ports are taken below the range from which operating systems choose the source port of outgoing connections.
 * A client that keeps reconnecting to a closed port of that range can end up connected to itself, and then the
 * server that wants to come back on the port finds it in use.
 */
const firstPort = 20_000;
const lastPort = 31_999;
const attempts = 200;

const handedOut = new Set<number>();

/** Whether nothing listens on the port, neither on the loopback address nor on all addresses. */
export async function isPortFree(port: number): Promise<boolean> {
  return (await canListen(port, '127.0.0.1')) && (await canListen(port, '0.0.0.0'));
}

/**
 * Resolves to the preferred port when it is free, else to some free port. One process never gets the same random
 * port twice, so several servers can be planned before the first of them listens.
 */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && !handedOut.has(preferred) && (await isPortFree(preferred))) {
    handedOut.add(preferred);
    return preferred;
  }
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const port = firstPort + Math.floor(Math.random() * (lastPort - firstPort + 1));
    if (handedOut.has(port) || !(await isPortFree(port))) continue;
    handedOut.add(port);
    return port;
  }
  throw new Error(`No free port between ${firstPort} and ${lastPort} found in ${attempts} attempts.`);
}

/** Gives a port back, so that a later `freePort` of this process may choose it again. */
export function releasePort(port: number): void {
  handedOut.delete(port);
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.unref();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
