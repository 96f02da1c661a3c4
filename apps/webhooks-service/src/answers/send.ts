import type { IncomingMessage, ServerResponse } from 'node:http';
import { hasNoContent } from '@millrace/webhook-settings';
import type { Answer } from './answer.js';

/** What is left of a body up to this size is read and dropped, so that the connection can be used again. */
const droppedBytes = 64 * 1024;
/** A connection whose caller goes on sending after the answer is closed after so much time or so many bytes. */
const lingerMs = 1_000;
const lingerBytes = 16 * 1024 * 1024;
const dropWithinMs = 5_000;

/**
 * Answers a call, whose body may not have been read. `close` ends the connection with it, as a body does that is not
 * worth reading to its end. Does nothing when the caller has hung up.
 */
export function sendAnswer(message: IncomingMessage, response: ServerResponse, answer: Answer, close: boolean): void {
  if (response.destroyed || response.headersSent) return;
  const { status, headers, body } = answer;
  if (!hasNoContent(status)) headers['content-length'] = String(Buffer.byteLength(body));
  else if (status === 205) headers['content-length'] = '0';
  const unread = unreadBytes(message);
  if (close || unread > droppedBytes) headers['connection'] = 'close';
  response.writeHead(status, headers);
  if (unread <= droppedBytes) {
    response.end(body);
    if (unread > 0) dropRest(message);
    return;
  }
  linger(message, response, body);
}

/** Bytes of the body that may still come; 0 when it was read to its end. */
function unreadBytes(message: IncomingMessage): number {
  const { headers } = message;
  if (message.readableEnded || message.complete) return 0;
  if (headers['transfer-encoding'] !== undefined) return Infinity;
  const length = Number(headers['content-length'] ?? 0);
  // Whoever waits for leave to send the body will not send it now.
  return length > 0 && headers.expect !== undefined ? Infinity : length;
}

/** Node drops the rest itself, but waits for it as long as a request may take. */
function dropRest(message: IncomingMessage): void {
  const timer = setTimeout(() => message.socket.destroy(), dropWithinMs);
  const stop = (): void => clearTimeout(timer);
  message.once('end', stop).once('close', stop);
}

/**
 * Sends the answer at once and ends the connection a little later: bytes that arrive on a closed connection make the
 * system reset it, and a caller who is still sending may lose the answer to that.
 */
function linger(message: IncomingMessage, response: ServerResponse, body: string | Buffer): void {
  let left = lingerBytes;
  const end = (): void => {
    clearTimeout(timer);
    message.off('data', count).off('end', end).off('close', end);
    response.end();
    message.socket.destroySoon();
  };
  const count = (chunk: Buffer): void => {
    left -= chunk.length;
    if (left < 0) end();
  };
  const timer = setTimeout(end, lingerMs);
  message.on('data', count).once('end', end).once('close', end);
  message.resume();
  if (body.length > 0 && message.method !== 'HEAD') response.write(body);
  else response.flushHeaders();
}
