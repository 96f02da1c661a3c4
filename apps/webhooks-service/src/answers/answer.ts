import { assertNever } from '@millrace/contracts';
import type { Handshake } from '@millrace/signatures';
import { hasNoContent } from '@millrace/webhook-settings';
import type { FlowAnswer } from './flow-answer.js';
import { messageOf, refusals, type Refusal } from './refusals.js';

/** What became of a call. */
export type IngestResult =
  | { outcome: 'accepted'; answer: FlowAnswer | undefined; duplicate?: true }
  /** The sender asked whether the URL is alive, and proved who it is; nothing runs. */
  | Handshake
  /** A browser asked whether a page may call; nothing runs. */
  | { outcome: 'preflight'; headers: Readonly<Record<string, string>> }
  | Refusal
  /** The caller hung up: there is nobody to answer. */
  | { outcome: 'gone' };

/** The answer to a call. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string | Buffer;
}

export const requestIdHeader = 'x-millrace-request-id';

// What a flow answers comes from outside: a browser shall neither guess its type nor run it.
const safeHeaders = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "sandbox; default-src 'none'",
  'cache-control': 'no-store',
};
const jsonHeaders = { ...safeHeaders, 'content-type': 'application/json; charset=utf-8' };

/** The one place that turns outcomes into HTTP; `undefined` when there is nobody to answer. */
export function answerTo(result: IngestResult, requestId: string): Answer | undefined {
  switch (result.outcome) {
    case 'accepted':
      return result.answer ? flowAnswer(result.answer, requestId) : thanks(requestId, result.duplicate);
    case 'handshake':
      return withId(requestId, result.status, { ...safeHeaders, ...result.headers }, result.body);
    case 'preflight':
      return withId(requestId, 204, { ...safeHeaders, ...result.headers }, '');
    case 'refused':
      return refusalAnswer(result, requestId);
    case 'gone':
      return undefined;
    default:
      return assertNever(result);
  }
}

/** The most frequent of all answers. */
function thanks(requestId: string, duplicate: true | undefined): Answer {
  return {
    status: 200,
    headers: { [requestIdHeader]: requestId, ...jsonHeaders },
    body: `{"requestId":"${requestId}","message":"thank you"${duplicate ? ',"duplicate":true' : ''}}`,
  };
}

function flowAnswer({ status, headers, body }: FlowAnswer, requestId: string): Answer {
  return withId(requestId, status, { ...safeHeaders, ...headers }, hasNoContent(status) ? '' : body);
}

export function refusalAnswer(refusal: Refusal, requestId: string): Answer {
  const { code, headers, detail } = refusal;
  const body = JSON.stringify({ requestId, code, message: messageOf(refusal), ...detail });
  return withId(requestId, refusals[code].status, { ...jsonHeaders, ...headers }, body);
}

function withId(requestId: string, status: number, headers: Record<string, string>, body: string | Buffer): Answer {
  headers[requestIdHeader] = requestId;
  return { status, headers, body };
}
