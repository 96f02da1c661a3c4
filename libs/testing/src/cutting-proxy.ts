import { once } from 'node:events';
import { type Socket, connect, createServer } from 'node:net';

/*
 * What a connection meets:
 *
 *   open      bytes pass in both directions
 *   stalled   connections stay, new ones are taken, nothing passes: the peer looks alive but silent
 *   refusing  new connections are reset at once; those that exist pass on
 */
type ProxyState = 'open' | 'stalled' | 'refusing';

/** A TCP proxy for tests of outages. It is transparent until told otherwise. */
export interface CuttingProxy {
  readonly port: number;
  /** A URL of the target with this proxy in place of its host and port. */
  through(url: string): string;
  readonly connectionCount: number;
  /** Ends every connection abruptly, as a lost network does. New ones are taken. */
  cut(): void;
  /** Lets no byte pass any more, in either direction. */
  stall(): void;
  /** Resets every new connection. */
  refuse(): void;
  /** Back to the start: passes what was held back and takes new connections. */
  restore(): void;
  close(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly target: Socket;
}

/** Starts a proxy on a free loopback port. @param targetUrl any URL with host and port, such as `amqp://…:5672/x` */
export async function cuttingProxy(targetUrl: string): Promise<CuttingProxy> {
  const { hostname, port: targetPort } = new URL(targetUrl);
  const pairs = new Set<Pair>();
  let state: ProxyState = 'open';

  const server = createServer((client) => {
    client.on('error', () => {});
    if (state === 'refusing') {
      client.resetAndDestroy();
      return;
    }
    const target = connect({ host: hostname, port: Number(targetPort) });
    const pair: Pair = { client, target };
    pairs.add(pair);
    target.on('error', () => {});
    for (const socket of [client, target]) {
      socket.setNoDelay(true);
      socket.once('close', () => {
        pairs.delete(pair);
        client.destroy();
        target.destroy();
      });
    }
    client.pipe(target);
    target.pipe(client);
    if (state === 'stalled') hold(pair);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  const { port } = address;

  const cut = (): void => {
    for (const { client, target } of pairs) {
      client.resetAndDestroy();
      target.resetAndDestroy();
    }
  };
  return {
    port,
    through(url) {
      const changed = new URL(url);
      changed.hostname = '127.0.0.1';
      changed.port = String(port);
      return changed.href;
    },
    get connectionCount() {
      return pairs.size;
    },
    cut,
    stall() {
      state = 'stalled';
      for (const pair of pairs) hold(pair);
    },
    refuse() {
      state = 'refusing';
    },
    restore() {
      state = 'open';
      for (const pair of pairs) release(pair);
    },
    async close() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}

function hold({ client, target }: Pair): void {
  client.unpipe(target);
  target.unpipe(client);
  client.pause();
  target.pause();
}

function release({ client, target }: Pair): void {
  client.pipe(target);
  target.pipe(client);
}
