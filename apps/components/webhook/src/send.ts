import {
  action,
  answerOutput,
  answerValue,
  callHeaders,
  redirected,
  TerminalError,
  type Http,
} from '@millrace/component-sdk';
import { signCall, webhookCredentialSchema, type WebhookCredential } from '@millrace/signatures';
import { z } from 'zod';

const gone = 410;
const redirects = [301, 302, 303, 307, 308];
const maxAnswerBytes = 4 * 1024 * 1024;

const input = z.object({
  url: z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' }).describe('address to call'),
  method: z.enum(['POST', 'PUT', 'PATCH', 'DELETE', 'GET']).default('POST').describe('HTTP method'),
  headers: callHeaders.default({}).describe('headers of the call, by name'),
  body: z.unknown().optional().describe('a text is sent as it is, any other value as JSON; without it nothing is sent'),
});

/**
 * Calls a URL, and signs the call with the credential, if there is one, in the way in which calls are checked by it: so what one
 * flow sends another one takes with the same credential.
 */
export const send = action({
  title: 'Send',
  description: 'Calls a URL, signed with the credential. The output is the answer.',
  credential: webhookCredentialSchema,
  // Without one the call is not signed.
  needsCredential: false,
  // The id of the message is the same for every attempt; who knows Standard Webhooks, or the header, recognises it.
  idempotency: 'key',
  config: z.object({
    timeoutSeconds: z.int().min(1).max(300).default(30).describe('how long the answer may take'),
  }),
  input,
  output: answerOutput,
  async run({ input, config, credential, idempotencyKey, http }) {
    const { body, contentType } = bodyOf(input.body);
    const headers: Record<string, string> = { ...contentType, 'idempotency-key': idempotencyKey };
    for (const [name, value] of Object.entries(input.headers)) headers[name.toLowerCase()] = value;
    // What is signed is what is called: written as it goes over the wire.
    const call = { method: input.method, url: new URL(input.url).href, headers, body };
    const signed = signatureOf(credential, call, idempotencyKey);
    const answer = await post(http, { ...call, headers: { ...headers, ...signed } }, config.timeoutSeconds * 1_000);
    return answerValue(answer);
  },
});

interface Call {
  method: z.output<typeof input>['method'];
  url: string;
  headers: Record<string, string>;
  body: Buffer;
}

async function post(http: Http, { method, url, headers, body }: Call, timeoutMs: number): ReturnType<Http['request']> {
  const answer = await http.request(method, url, {
    headers,
    ...(body.length > 0 && { body }),
    accept: [gone, ...redirects],
    timeoutMs,
    maxBytes: maxAnswerBytes,
    // Its signature holds a time: each attempt is one of the step, signed anew.
    retry: false,
  });
  const { origin, pathname } = new URL(url);
  const target = `${method} ${origin}${pathname}`;
  if (answer.status === gone) {
    throw new TerminalError(`${target} answered 410: the receiver is gone for good and wants no more calls.`, {
      code: 'receiver_gone',
      detail: { status: gone },
    });
  }
  if (redirects.includes(answer.status)) throw redirected(target, answer);
  return answer;
}

function bodyOf(value: unknown): { body: Buffer; contentType: Record<string, string> } {
  if (value === undefined) return { body: Buffer.alloc(0), contentType: {} };
  if (typeof value === 'string') {
    return { body: Buffer.from(value), contentType: { 'content-type': 'text/plain; charset=utf-8' } };
  }
  return { body: Buffer.from(JSON.stringify(value)), contentType: { 'content-type': 'application/json' } };
}

function signatureOf(
  credential: WebhookCredential | undefined,
  call: Call,
  idempotencyKey: string,
): Record<string, string> {
  if (credential === undefined) return {};
  // Standard Webhooks: an id without a full stop, which separates it from the time.
  const id = idempotencyKey.replaceAll('.', '-');
  const signed = signCall(credential, { ...call, id, timestampMs: Date.now() });
  if (signed.ok) return signed.headers;
  throw new TerminalError(`The credential does not fit: ${signed.fault}.`, { code: 'credential_invalid' });
}
