import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { answerUnreadable } from '../answers/unreadable.js';

/**
 * Has Node hand on every request that it can read. By default it answers some itself, without a request id: those without
 * a header `Host` and those that expect something unknown; and it hangs up on CONNECT without a word. The router does the
 * same to targets that are no path. And Node tells who asks for leave to send a body to go on before anyone has looked
 * at the headers; now that is up to whoever reads the body.
 */
export function takeEveryRequest(server: Server): void {
  const hand = (request: IncomingMessage, response: ServerResponse): void => {
    server.emit('request', request, response);
  };
  server.on('checkContinue', hand);
  server.on('checkExpectation', hand);
  server.on('connect', (_request, socket) => answerUnreadable(new Error('this is no proxy'), socket as Socket));
  server.prependListener('request', (request: IncomingMessage) => {
    if (request.url?.startsWith('/') !== true) request.url = pathOf(request.url ?? '');
  });
  (server as Server & { requireHostHeader: boolean }).requireHostHeader = false;
}

/** A target may be a whole URL (RFC 9112 §3.2.2); there is nothing at others, such as `*`. */
function pathOf(target: string): string {
  const [origin] = /^https?:\/\/[^/?#]+/i.exec(target) ?? [];
  if (origin === undefined) return '/';
  const path = target.slice(origin.length);
  return path.startsWith('/') ? path : `/${path}`;
}
