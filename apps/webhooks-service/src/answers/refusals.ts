/** Every refusal that a caller can get. The codes are public: senders branch on them. */
export const refusals = {
  // One answer for malformed, unknown and stopped flows: it does not tell which ids exist.
  not_found: { status: 404, message: 'There is no running flow at this address.' },
  unauthorized: { status: 401, message: 'The credentials of the call are missing or wrong.' },
  method_not_allowed: { status: 405, message: 'This webhook does not take this method: see the header Allow.' },
  unsupported_media_type: { status: 415, message: 'This webhook does not take this content type.' },
  unsupported_encoding: { status: 415, message: 'This webhook does not take this content encoding.' },
  invalid_body: { status: 400, message: 'The body is not valid.' },
  malformed_request: { status: 400, message: 'The request is not valid HTTP.' },
  request_timeout: { status: 408, message: 'The request did not come in in time.' },
  // Of URLs that resume a waiting step.
  already_resumed: { status: 410, message: 'The step was resumed already: this address is used up.' },
  gone: { status: 410, message: 'The step does not wait any more: it is over, or its run is.' },
  body_too_large: { status: 413, message: 'The body is too large.' },
  headers_too_large: { status: 431, message: 'The headers and the URL are too large.' },
  too_many_requests: { status: 429, message: 'There are too many calls: see the header Retry-After.' },
  unavailable: { status: 503, message: 'The call could not be stored. It was not accepted: send it again.' },
  overloaded: { status: 503, message: 'There is too much to do right now. The call was not accepted: send it again.' },
  internal_error: { status: 500, message: 'Something went wrong on our side. The call was not accepted.' },
  // With these two the call was accepted and a run began.
  run_failed: { status: 502, message: 'The call was accepted, but its run ended without an answer.' },
  reply_timeout: { status: 504, message: 'The call was accepted, but no answer came in time. Its run goes on.' },
} as const;

export type RefusalCode = keyof typeof refusals;

/** A call that gets an answer from the table above. */
export interface Refusal {
  outcome: 'refused';
  code: RefusalCode;
  /** Instead of the words of the table. */
  message?: string;
  headers?: Readonly<Record<string, string>>;
  /** Further members of the answer. */
  detail?: Readonly<Record<string, string | number>>;
  /** What whoever runs the flow is told besides, and the caller is not. */
  forRecord?: string;
}

export function refused(code: RefusalCode, more: Omit<Refusal, 'outcome' | 'code'> = {}): Refusal {
  return { outcome: 'refused', code, ...more };
}

/** What a caller is told about a refusal. */
export function messageOf(refusal: Refusal): string {
  return refusal.message ?? refusals[refusal.code].message;
}
