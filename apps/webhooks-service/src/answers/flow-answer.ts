import type { ReplyMessage } from '@millrace/contracts';
import { headerFault, type ReceiveSettings } from '@millrace/webhook-settings';

/** What a flow has a caller answered, by its settings or by one of its steps. */
export interface FlowAnswer {
  status: number;
  /** By lower-case name. */
  headers: Record<string, string>;
  body: string | Buffer;
}

/** The answer that the settings of a flow name; prepared once, sent often. */
export function fixedAnswer({ status, headers, body }: NonNullable<ReceiveSettings['answer']>): FlowAnswer {
  return { status, headers: typed(lowerCased(headers), body), body };
}

/** The answer of a step. Headers that a flow cannot set are left out: the step was told so when it ran. */
export function repliedAnswer(reply: Extract<ReplyMessage, { kind: 'reply' }>): FlowAnswer {
  const settable = Object.entries(reply.headers).filter(([name, value]) => headerFault(name, value) === undefined);
  const body = reply.bodyEncoding === 'base64' ? Buffer.from(reply.body, 'base64') : reply.body;
  return { status: reply.status, headers: typed(lowerCased(Object.fromEntries(settable)), body), body };
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function typed(headers: Record<string, string>, body: string | Buffer): Record<string, string> {
  if (headers['content-type'] !== undefined || body.length === 0) return headers;
  return { ...headers, 'content-type': contentTypeOf(body) };
}

function contentTypeOf(body: string | Buffer): string {
  if (typeof body !== 'string') return 'application/octet-stream';
  try {
    JSON.parse(body);
    return 'application/json; charset=utf-8';
  } catch {
    return 'text/plain; charset=utf-8';
  }
}
