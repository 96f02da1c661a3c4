import { assertNever, requestIdOf, type RunId } from '@millrace/contracts';
import type { IngestResult } from './ingest.js';

/** The answer to a call. Its body is JSON text. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Faults that show before a call is read: the HTTP parser and the limits on its size. */
export type TransportFault =
  | { outcome: 'tooLarge'; limitBytes: number }
  | { outcome: 'malformed' }
  | { outcome: 'failed' };

/** Every refusal that a caller can get. The codes are public: senders branch on them. */
const refusals = {
  // One answer for malformed, unknown and stopped flows: it does not tell which ids exist.
  not_found: { status: 404, message: 'There is no running flow at this address.' },
  unauthorized: { status: 401, message: 'The credentials of the call are missing or wrong.' },
  method_not_allowed: { status: 405, message: 'This webhook does not take this method: see the header Allow.' },
  unsupported_media_type: { status: 415, message: 'This webhook does not take this content type.' },
  invalid_body: { status: 400, message: 'The body is not valid.' },
  malformed_request: { status: 400, message: 'The request is not valid HTTP.' },
  body_too_large: { status: 413, message: 'The body is too large.' },
  unavailable: { status: 503, message: 'The call could not be stored. It was not accepted: send it again.' },
  internal_error: { status: 500, message: 'Something went wrong on our side. The call was not accepted.' },
} as const;

// What a flow answers comes from outside: a browser shall neither guess its type nor run it.
const safeHeaders = {
  'content-type': 'application/json; charset=utf-8',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "sandbox; default-src 'none'",
  'cache-control': 'no-store',
};

/** The one place that turns outcomes into HTTP. */
export function answerTo(result: IngestResult | TransportFault, runId: RunId): Answer {
  switch (result.outcome) {
    case 'accepted':
      return answer(200, runId, { message: 'thank you' });
    case 'handshake':
      return {
        status: result.status,
        headers: { ...safeHeaders, 'x-millrace-request-id': requestIdOf(runId), ...result.headers },
        body: result.body,
      };
    case 'unknownFlow':
      return refusal('not_found', runId);
    case 'unauthorized':
      return refusal('unauthorized', runId, {
        headers: result.challenge === undefined ? {} : { 'www-authenticate': result.challenge },
      });
    case 'methodNotAllowed':
      return refusal('method_not_allowed', runId, { headers: { allow: result.allowed } });
    case 'badBody': {
      const { code, ...detail } = result.fault;
      return refusal(code, runId, { detail });
    }
    case 'tooLarge':
      return refusal('body_too_large', runId, {
        detail: { message: `The body is larger than ${result.limitBytes} bytes.` },
      });
    case 'malformed':
      return refusal('malformed_request', runId);
    case 'unavailable':
      return refusal('unavailable', runId, { headers: { 'retry-after': String(result.retryAfterSeconds) } });
    case 'failed':
      return refusal('internal_error', runId);
    default:
      return assertNever(result);
  }
}

function refusal(
  code: keyof typeof refusals,
  runId: RunId,
  more: { headers?: Record<string, string>; detail?: object } = {},
): Answer {
  const { status, message } = refusals[code];
  return answer(status, runId, { code, message, ...more.detail }, more.headers);
}

function answer(status: number, runId: RunId, body: object, headers?: Record<string, string>): Answer {
  const requestId = requestIdOf(runId);
  return {
    status,
    headers: { ...safeHeaders, 'x-millrace-request-id': requestId, ...headers },
    body: JSON.stringify({ requestId, ...body }),
  };
}
