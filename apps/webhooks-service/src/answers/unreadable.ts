import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { newId, requestIdOf } from '@millrace/contracts';
import { refusalAnswer } from './answer.js';
import { refused, type RefusalCode } from './refusals.js';

const codes: Readonly<Record<string, RefusalCode>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'body_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};
const lingerMs = 1_000;
const answered = new WeakSet<Socket>();

/**
 * Answers what Node's HTTP parser refuses, on the bare connection: there is no request. It has the shape of every other
 * refusal, and a request id, under which nothing is kept.
 */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  // What comes in after the first fault is faulty as well.
  if (error.code === 'ECONNRESET' || socket.destroyed || answered.has(socket)) return;
  // While an answer is on its way, another one would be read as a part of it. What is written of it still goes out.
  if (!socket.writable || answering(socket)) {
    socket.destroySoon();
    return;
  }
  answered.add(socket);
  const refusal = refused(codes[error.code ?? ''] ?? 'malformed_request');
  const { status, headers, body } = refusalAnswer(refusal, requestIdOf(newId()));
  const lines = Object.entries({ ...headers, 'content-length': Buffer.byteLength(body), connection: 'close' });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${head}\r\n${String(body)}`);
  // A connection with unread bytes that is closed at once is reset, and the caller may lose the answer to that.
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(timer));
}

/** Node keeps the response that a connection is busy with here; its own handler of such errors asks the same. */
function answering(socket: Socket): boolean {
  const { _httpMessage: response } = socket as Socket & { _httpMessage?: { headersSent: boolean } | null };
  return response?.headersSent ?? false;
}
