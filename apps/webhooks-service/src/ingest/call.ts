import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RunId } from '@millrace/contracts';
import type { HookFlow } from '../flows/hook-flows.js';

/** One call of a webhook URL, as it arrived. Its body has not been read. */
export interface Call {
  /** The id of the run that it will be. */
  runId: RunId;
  /** The same without dashes, as callers see it. */
  requestId: string;
  /** As it stands in the URL. */
  flowId: string;
  method: string;
  /** The full public URL as it was called: some senders sign it. */
  url: string;
  /** What follows the flow id, decoded. */
  path: string;
  query: Record<string, string | string[]>;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  message: IncomingMessage;
  response: ServerResponse;
  /** The flow that was found. */
  flow: HookFlow | undefined;
  /** The body as it was sent, once it was read into memory and until the broker has it. */
  bytes: Buffer | undefined;
  /** Of a body that was judged while it came in, once it had. */
  digest: BodyDigest | undefined;
}

export interface BodyDigest {
  bytes: number;
  sha256: Buffer;
}

/** The value of a header; of one that was sent several times the first. */
export function headerOf(call: Call, name: string): string | undefined {
  const value = call.headers[name];
  return typeof value === 'object' ? value[0] : value;
}

/** Whether a call has no body, by its head. */
export function isBodyless({ headers }: Pick<Call, 'headers'>): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] === undefined && (length === undefined || length === '0');
}
