import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands before the Petstore API of the sandbox and fails now and then. */
export interface FlakyPetstore {
  readonly url: string;
  /** Where the API is. */
  target: string;
  /** So many of the next pets are refused with 503. */
  failNext: number;
  close(): Promise<void>;
}

export async function startFlakyPetstore(): Promise<FlakyPetstore> {
  const server = createServer((request, response) => {
    void (async () => {
      const body = Buffer.concat(await request.toArray());
      if (request.method === 'POST' && petstore.failNext > 0) {
        petstore.failNext -= 1;
        response.writeHead(503).end();
        return;
      }
      const answer = await fetch(`${petstore.target}${request.url}`, {
        method: request.method ?? 'GET',
        headers: { 'api-key': String(request.headers['api-key']), 'content-type': 'application/json' },
        ...(body.length > 0 && { body }),
      });
      const bytes = Buffer.from(await answer.arrayBuffer());
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(bytes);
    })().catch(() => response.writeHead(502).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const petstore: FlakyPetstore = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/petstore/v2`,
    target: '',
    failNext: 0,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return petstore;
}
