import type { FlowName, HookFlowSet } from './flows.js';

/** Text is sent as ISO 8859-1: one byte a character. */
export type Chunk = string | Buffer;

/** The bytes of one request, made when they are sent: some are large, and the ids of the flows are not known before. */
export type Wire = (flows: HookFlowSet) => Iterable<Chunk> | AsyncIterable<Chunk>;

/** What the answer must be. No answer, and one of 2xx or 5xx, is never right. */
export interface Expected {
  /** The status that the product promises; several where the standards leave the choice. */
  status: number | readonly number[];
  code?: string;
  /** Where the answer says that the fault is, both from 1. */
  line?: number;
  column?: number;
  /** What the message must say: the place or the remedy. */
  says?: RegExp;
  /** Headers of the answer, names in lower case. */
  headers?: Record<string, RegExp>;
  /** After the answer the service hangs up: it cannot know where a next request would begin. */
  hangsUp?: boolean;
}

export interface MalformedRequest {
  /** What is wrong, and where: a failure names it. */
  name: string;
  wire: Wire;
  /** Having written all, a sender waits for the answer, or says first that no more will come (FIN). Default: waits. */
  afterwards?: 'waits' | 'leaves';
  /** The answer to HEAD ends with its headers. */
  method?: 'HEAD';
  expected: Expected;
}

/** Requests with one kind of fault. */
export interface Subject {
  name: string;
  requests: readonly MalformedRequest[];
}

/** Stands in requests where secrets do: neither an answer nor a log may repeat it. */
export const canary = 'canary-5a1c9e';

const placeholder = /\{(open|basic|hmac|postOnly|stopped)\}/g;

/** Bytes as they stand, but that `{open}` and the like become the path of that flow. */
export function exact(text: string, ...rest: Chunk[]): Wire {
  return (flows) => [text.replaceAll(placeholder, (_all, name: FlowName) => flows.path(name)), ...rest];
}

/** A request line and headers, each of which ends as it should, and what follows them. */
export function head(lines: readonly string[], ...rest: Chunk[]): Wire {
  return exact([...lines, '', ''].join('\r\n'), ...rest);
}

export interface FramedRequest {
  flow?: FlowName;
  method?: string;
  /** Behind the id of the flow. */
  path?: string;
  type?: string;
  /** Further headers, such as `x-a: b`. */
  headers?: readonly string[];
  /** Large ones are made when they are sent. */
  body?: Chunk | (() => Chunk);
  /** Bytes in each chunk of a chunked request; by default the length is declared. */
  chunkBytes?: number;
}

/** A request whose framing is right, whatever its body is. */
export function framed({ flow = 'open', method = 'POST', path = '', ...rest }: FramedRequest): Wire {
  return (flows) => {
    const { type, headers = [], body = '', chunkBytes } = rest;
    const made = typeof body === 'function' ? body() : body;
    const bytes = typeof made === 'string' ? Buffer.from(made, 'latin1') : made;
    const lines = [`${method} ${flows.path(flow)}${path} HTTP/1.1`, 'host: hooks.example.com', ...headers];
    if (type !== undefined) lines.push(`content-type: ${type}`);
    lines.push(chunkBytes === undefined ? `content-length: ${bytes.length}` : 'transfer-encoding: chunked');
    const start = `${lines.join('\r\n')}\r\n\r\n`;
    return chunkBytes === undefined ? [start, bytes] : [start, ...chunked(bytes, chunkBytes)];
  };
}

function* chunked(bytes: Buffer, chunkBytes: number): Generator<Chunk> {
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const chunk = bytes.subarray(at, at + chunkBytes);
    yield `${chunk.length.toString(16)}\r\n`;
    yield chunk;
    yield '\r\n';
  }
  yield '0\r\n\r\n';
}

/** A text in which “¦” marked the place of its fault, without the mark, and that place. */
export function marked(text: string): { text: string; line?: number; column?: number } {
  const at = text.indexOf('¦');
  if (at === -1) return { text };
  const lines = text.slice(0, at).split('\n');
  return {
    text: text.slice(0, at) + text.slice(at + 1),
    line: lines.length,
    column: (lines.at(-1)?.length ?? 0) + 1,
  };
}

/** Bytes of text in UTF-8, for bodies. */
export function utf8(text: string): Buffer {
  return Buffer.from(text, 'utf8');
}
