import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the peer behaves: it never answers, or it does so in one way. */
export type Behaviour = 'silent' | { status: number; headers?: Record<string, string>; body: string };

/** A call as it came in, as one text: request line, headers, body. */
export interface PeerCall {
  text: string;
  /** Whether the caller has gone, or was answered. */
  ended: boolean;
}

/** A real HTTP server that takes the place of the system that a component speaks to. */
export interface Peer {
  readonly url: string;
  calls: PeerCall[];
  behaviour: Behaviour;
  close(): Promise<void>;
}

/** What the peer says when it refuses; with what it was given, so that masking has something to do. */
export const peerWords = 'refused by the peer of the conformance suite';

/** Starts a peer that repeats the given secrets, wherever it finds them in a call, in the words of its answers. */
export async function startPeer(secrets: readonly string[]): Promise<Peer> {
  const server = createServer((request, response) => {
    const { method = '', url = '', rawHeaders } = request;
    const call: PeerCall = { text: `${method} ${url}\n${rawHeaders.join('\n')}\n`, ended: false };
    peer.calls.push(call);
    response.on('close', () => (call.ended = true));
    request.on('data', (chunk: Buffer) => (call.text += chunk.toString()));
    request.on('end', () => {
      if (peer.behaviour === 'silent') return;
      const { status, headers, body } = peer.behaviour;
      const seen = secrets.filter((secret) => call.text.includes(secret));
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(body.replaceAll('SEEN', JSON.stringify(seen.join(' ')).slice(1, -1)));
    });
    request.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const peer: Peer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: [],
    behaviour: 'silent',
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return peer;
}

/** A refusal in the forms in which APIs write their reasons. */
export function refusing(status: number, headers: Record<string, string> = {}): Behaviour {
  const words = `${peerWords} (SEEN)`;
  return {
    status,
    headers,
    body: JSON.stringify({ message: words, detail: words, errors: [{ message: words }] }),
  };
}
