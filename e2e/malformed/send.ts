import { connect, type Socket } from 'node:net';
import type { Chunk } from './request.js';

/** What came back over a connection that carried one request. */
export interface Answer {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: string;
  /** The service closed the connection, or its sending side of it, after the answer. */
  hungUp: boolean;
  /** Bytes after the end of the answer, such as a second one to what was hidden in the first request. */
  surplus: string;
}

export interface SendOptions {
  port: number;
  /** Without a whole answer within this time there is none. */
  timeoutMs: number;
  afterwards: 'waits' | 'leaves';
  method?: 'HEAD' | undefined;
  /** How long to look for what follows the answer. */
  lingerMs: number;
}

/**
 * Writes bytes to a connection of their own and reads the answer, which may come before all is written. Rejects with
 * what was received when the service hangs up, or says nothing in time, without a whole answer.
 */
export async function send(chunks: Iterable<Chunk> | AsyncIterable<Chunk>, options: SendOptions): Promise<Answer> {
  const socket = connect({ port: options.port, host: '127.0.0.1', allowHalfOpen: true });
  const reading = read(socket, options);
  // A service that has answered may reset the connection while the rest is still written.
  const writing = write(socket, chunks, options.afterwards).catch(() => undefined);
  try {
    return await reading;
  } finally {
    socket.destroy();
    await writing;
  }
}

async function write(
  socket: Socket,
  chunks: Iterable<Chunk> | AsyncIterable<Chunk>,
  afterwards: string,
): Promise<void> {
  for await (const chunk of chunks) {
    if (socket.destroyed || !socket.writable) return;
    const flowing = typeof chunk === 'string' ? socket.write(chunk, 'latin1') : socket.write(chunk);
    if (!flowing) await drained(socket);
  }
  if (afterwards === 'leaves') socket.end();
}

/** Resolves when more can be written, or never again. */
function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      socket.off('drain', end).off('close', end);
      resolve();
    };
    socket.on('drain', end).on('close', end);
  });
}

function read(socket: Socket, { timeoutMs, method, lingerMs }: SendOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let received = '';
    let answer: Answer | undefined;
    const late = setTimeout(() => fail(`nothing whole in ${timeoutMs} ms`), timeoutMs);
    const done = (hungUp: boolean): void => {
      clearTimeout(late);
      if (!answer) return fail('the connection was closed');
      resolve({ ...answer, hungUp, surplus: received.slice(lengthOf(received, method) ?? received.length) });
    };
    const fail = (reason: string): void => {
      clearTimeout(late);
      reject(new Error(`no answer: ${reason}; received ${JSON.stringify(received.slice(0, 300))}`));
    };
    socket.on('data', (bytes) => {
      received += bytes.toString('latin1');
      if (answer || lengthOf(received, method) === undefined) return;
      answer = parse(received, method);
      clearTimeout(late);
      if (lingerMs === 0) done(false);
      else setTimeout(() => done(false), lingerMs).unref();
    });
    socket.on('error', () => undefined);
    socket.on('end', () => done(true));
    socket.on('close', () => done(true));
  });
}

const headEnd = '\r\n\r\n';

/** Where the first answer ends; `undefined` while it is not whole. */
function lengthOf(received: string, method: 'HEAD' | undefined): number | undefined {
  const end = received.indexOf(headEnd);
  if (end === -1) return undefined;
  const bodyAt = end + headEnd.length;
  const declared = /^content-length: *(\d+)\r?$/im.exec(received.slice(0, bodyAt))?.[1];
  const length = bodyAt + (method === 'HEAD' ? 0 : Number(declared ?? 0));
  return received.length >= length ? length : undefined;
}

function parse(received: string, method: 'HEAD' | undefined): Answer {
  const end = received.indexOf(headEnd);
  const [statusLine = '', ...lines] = received.slice(0, end).split('\r\n');
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1] ?? 0),
    headers: Object.fromEntries(headers),
    body: Buffer.from(received.slice(end + headEnd.length, lengthOf(received, method)), 'latin1').toString('utf8'),
    hungUp: false,
    surplus: '',
  };
}
