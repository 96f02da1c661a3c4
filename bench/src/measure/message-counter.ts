import { type Server, type Socket, connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

const protocolHeaderBytes = 8;
const frameOverheadBytes = 8;
const methodFrame = 1;
const basicClass = 60;
const publishMethod = 40;

/**
 * Finds the publishes in what a client sends to the broker. AMQP 0-9-1: after the protocol header come frames of type
 * (1 byte), channel (2), size (4), payload and an end byte; a method frame's payload begins with class and method.
 */
export class PublishCounter {
  count = 0;
  #rest: Buffer = Buffer.alloc(0);
  #skip = protocolHeaderBytes;

  take(chunk: Buffer): void {
    let data = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    for (;;) {
      const skipped = Math.min(this.#skip, data.length);
      this.#skip -= skipped;
      data = data.subarray(skipped);
      // Type, channel, size, class and method.
      if (this.#skip > 0 || data.length < 11) break;
      const isPublish =
        data[0] === methodFrame && data.readUInt16BE(7) === basicClass && data.readUInt16BE(9) === publishMethod;
      if (isPublish) this.count += 1;
      this.#skip = data.readUInt32BE(3) + frameOverheadBytes;
    }
    this.#rest = data;
  }
}

/** Stands between clients and the broker and counts the messages that they publish. */
export interface MessageCounter {
  /** The broker's URL with the counter's address. */
  readonly amqpUrl: string;
  published(): number;
  close(): Promise<void>;
}

export async function startMessageCounter(amqpUrl: string): Promise<MessageCounter> {
  const broker = new URL(amqpUrl);
  const counters: PublishCounter[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ host: broker.hostname, port: Number(broker.port), noDelay: true });
    const counter = new PublishCounter();
    counters.push(counter);
    client.on('data', (chunk: Buffer) => counter.take(chunk));
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const counted = new URL(amqpUrl);
  counted.port = String((server.address() as AddressInfo).port);
  return {
    amqpUrl: counted.href,
    published: () => counters.reduce((sum, { count }) => sum + count, 0),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
