import type { IncomingMessage } from 'node:http';
import { refused, type Refusal } from '../answers/refusals.js';

/** Of one request. Node drops headers beyond about a thousand in silence, and among them may be a signature. */
const maxHeaders = 500;

const host = /^(?:[\w.~!$&'()*+;=%-]*|\[[0-9A-Fa-f:.]+\])(?::\d{0,5})?$/;

/**
 * What Node's parser lets through in the request line and the headers although HTTP/1.1 forbids it, or although someone
 * on the way may have read it differently (RFC 9112 §3.2, §6.1). `undefined` when there is nothing.
 */
export function headFault({ httpVersion, rawHeaders, headers }: RequestHead): Refusal | undefined {
  if (rawHeaders.length > 2 * maxHeaders) {
    return refused('headers_too_large', { message: `The request has more than ${maxHeaders} headers.` });
  }
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return malformed('The request is not of HTTP/1.1 or HTTP/1.0.');
  let hosts = 0;
  let contentTypes = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    // Comparing lengths first is a tenth of the cost: this is done for every request.
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
    else if (name.length === 12 && name.toLowerCase() === 'content-type') contentTypes += 1;
  }
  if (hosts === 0 && httpVersion === '1.1') return malformed('The request has no header Host.');
  if (hosts > 1) return malformed('The request has more than one header Host.');
  if (headers.host !== undefined && !host.test(headers.host))
    return malformed('The header Host of the request cannot be read.');
  if (contentTypes > 1) return malformed('The request has more than one header Content-Type.');
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && (httpVersion === '1.0' || coding.toLowerCase() !== 'chunked')) {
    return malformed('The only Transfer-Encoding that is taken is chunked, in HTTP/1.1.');
  }
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue') {
    return malformed('The only thing that a request can expect is 100-continue.');
  }
  return undefined;
}

type RequestHead = Pick<IncomingMessage, 'httpVersion' | 'rawHeaders' | 'headers'>;

function malformed(message: string): Refusal {
  return refused('malformed_request', { message });
}
