import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Given {
  status?: number;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
}

/** A system that keeps what it was asked, and answers as it is told. */
export interface Peer {
  url: string;
  received: Received[];
  answer: (request: Received) => Given | Promise<Given>;
  close(): Promise<void>;
}

export async function startPeer(): Promise<Peer> {
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const received = { method, path: url, headers, body: Buffer.concat(chunks).toString() };
      peer.received.push(received);
      void Promise.resolve(peer.answer(received)).then(({ status = 200, headers: given, body }) => {
        response.writeHead(status, given).end(body);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const peer: Peer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: [],
    answer: () => json({ ok: true }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return peer;
}

export function json(value: unknown, given: Given = {}): Given {
  return { ...given, headers: { 'content-type': 'application/json', ...given.headers }, body: JSON.stringify(value) };
}
