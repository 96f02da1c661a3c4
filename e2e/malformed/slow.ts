import { setTimeout as sleep } from 'node:timers/promises';
import { exact, type Chunk, type MalformedRequest, type Subject, type Wire } from './request.js';

const tooLate = { status: 408, code: 'request_timeout', hangsUp: true } as const;
const host = 'host: hooks.example.com\r\n';
const json = `${host}content-type: application/json\r\n`;
const dripMs = 500;

/** Sends the beginning at once and no more. */
function stalled(name: string, beginning: string): MalformedRequest {
  return { name: `${name}, and then nothing`, wire: exact(beginning), expected: tooLate };
}

/** Sends the beginning at once and then drop by drop, for as long as the connection is there. */
function dripping(name: string, beginning: string, drop: Chunk): MalformedRequest {
  const wire: Wire = async function* drops(flows) {
    yield* exact(beginning)(flows);
    for (;;) {
      await sleep(dripMs);
      yield drop;
    }
  };
  return { name: `${name}, drop by drop`, wire, expected: tooLate };
}

const chunked = `${json}transfer-encoding: chunked\r\n\r\n`;
const part = '--a\r\nContent-Disposition: form-data; name="b"; filename="c"\r\nContent-Type: image/png\r\n\r\n';
const multipart = `${host}content-type: multipart/form-data; boundary=a\r\n`;

export const slow: Subject = {
  name: 'slow senders',
  requests: [
    stalled('half a request line', 'POST {open}'),
    stalled('half of the headers', `POST {open} HTTP/1.1\r\n${host}`),
    stalled('the headers of a body of a declared length', `POST {open} HTTP/1.1\r\n${json}content-length: 100\r\n\r\n`),
    stalled('half of a body of a declared length', `POST {open} HTTP/1.1\r\n${json}content-length: 100\r\n\r\n{"a":`),
    stalled('half of a body in chunks', `POST {open} HTTP/1.1\r\n${chunked}5\r\n{"a":\r\n`),
    stalled('half of a signed body', `POST {hmac} HTTP/1.1\r\n${json}content-length: 100\r\n\r\n{"a":`),
    stalled(
      'half of a file',
      `POST {open} HTTP/1.1\r\n${host}content-type: image/png\r\ncontent-length: 100\r\n\r\nPNG`,
    ),
    stalled('half of a file among parts', `POST {open} HTTP/1.1\r\n${multipart}content-length: 1000\r\n\r\n${part}PNG`),
    stalled(
      'the beginning of compressed JSON',
      `POST {open} HTTP/1.1\r\n${json}content-encoding: gzip\r\ncontent-length: 100\r\n\r\n\x1f\x8b\x08`,
    ),
    dripping('a request line', 'POST {open}/', 'a'),
    dripping('a header', `POST {open} HTTP/1.1\r\n${host}x-a: `, 'b'),
    dripping('headers', `POST {open} HTTP/1.1\r\n${host}`, 'a: b\r\n'),
    dripping('a body of a declared length', `POST {open} HTTP/1.1\r\n${json}content-length: 1000\r\n\r\n`, ' '),
    dripping('a body in chunks', `POST {open} HTTP/1.1\r\n${chunked}`, '1\r\n \r\n'),
    dripping('a signed body', `POST {hmac} HTTP/1.1\r\n${json}content-length: 1000\r\n\r\n`, ' '),
    dripping('a chunk size', `POST {open} HTTP/1.1\r\n${chunked}`, '0'),
    dripping('trailers', `POST {open} HTTP/1.1\r\n${chunked}2\r\n{}\r\n0\r\n`, 'a: b\r\n'),
    dripping('a file', `POST {open} HTTP/1.1\r\n${host}content-type: image/png\r\ncontent-length: 1000\r\n\r\n`, 'a'),
    dripping('a file among parts', `POST {open} HTTP/1.1\r\n${multipart}content-length: 1000\r\n\r\n${part}`, 'a'),
    dripping('the headers of a part', `POST {open} HTTP/1.1\r\n${multipart}content-length: 1000\r\n\r\n--a\r\n`, 'a'),
  ],
};
