import {
  answerValue,
  redirected,
  TerminalError,
  type AnswerForm,
  type AnswerOutput,
  type Http,
  type HttpOptions,
  type Json,
} from '@millrace/component-sdk';
import { proofFor, type HttpCredential } from './credential.js';

export const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const;
export type Method = (typeof methods)[number];

/** A request as the flow describes it. */
export interface Request {
  method: Method;
  url: string;
  query: Record<string, string | number | boolean | string[]>;
  headers: Record<string, string>;
  body?: Json | undefined;
}

/** How it is sent, and what counts as success. */
export interface CallSettings {
  bodyType: 'json' | 'form' | 'text' | 'base64';
  answerType: AnswerForm;
  successStatuses: readonly string[];
  timeoutMs: number;
  maxBytes: number;
}

const everyStatus = Array.from({ length: 300 }, (_, at) => at + 300);
const redirects: readonly number[] = [301, 302, 303, 307, 308];

/** Makes one call. Throws, as the SDK's client does, in words and with whether another attempt can help. */
export async function makeCall(
  http: Http,
  {
    request,
    settings,
    credential,
  }: { request: Request; settings: CallSettings; credential: HttpCredential | undefined },
): Promise<AnswerOutput> {
  const { method, url } = request;
  const target = targetOf(url);
  const proof = proofFor(credential, target);
  const { body, headers } = bodyOf(request, settings.bodyType);
  const isSuccess = (status: number): boolean =>
    settings.successStatuses.some((pattern) => statusFits(pattern, status));
  const answer = await http.request(method, url, {
    ...body,
    headers: { ...headers, ...lowerNames(request.headers), ...proof.headers },
    query: { ...request.query, ...proof.query },
    accept: everyStatus.filter((status) => isSuccess(status) || redirects.includes(status)),
    timeoutMs: settings.timeoutMs,
    maxBytes: settings.maxBytes,
  });
  if (isSuccess(answer.status)) return answerValue(answer, settings.answerType);
  const call = `${method} ${target.origin}${target.pathname}`;
  if (redirects.includes(answer.status)) throw redirected(call, answer);
  const reason = answer.reason === undefined ? '' : `: ${answer.reason}`;
  const wanted = settings.successStatuses.join(', ');
  throw new TerminalError(`${call} answered ${answer.status}, and only ${wanted} count as success${reason}`, {
    code: 'status_unexpected',
    detail: { status: answer.status },
  });
}

export function targetOf(url: string): URL {
  if (!URL.canParse(url)) throw new TerminalError('The address to call is not a URL', { code: 'address_invalid' });
  const target = new URL(url);
  if (target.username !== '' || target.password !== '') {
    throw new TerminalError('The address to call holds a user or a password: put them into a credential.', {
      code: 'address_invalid',
    });
  }
  return target;
}

function statusFits(pattern: string, status: number): boolean {
  return pattern.endsWith('xx') ? String(status).startsWith(pattern.slice(0, 1)) : String(status) === pattern;
}

function bodyOf(
  { body }: Request,
  type: CallSettings['bodyType'],
): { body: Pick<HttpOptions, 'json' | 'form' | 'body'>; headers: Record<string, string> } {
  if (body === undefined || body === null) return { body: {}, headers: {} };
  switch (type) {
    case 'json':
      return { body: { json: body }, headers: {} };
    case 'form':
      return { body: { form: formOf(body) }, headers: {} };
    case 'text':
      return { body: { body: textOf(body) }, headers: { 'content-type': 'text/plain; charset=utf-8' } };
    case 'base64':
      return { body: { body: bytesOf(body) }, headers: { 'content-type': 'application/octet-stream' } };
  }
}

function formOf(body: Json): NonNullable<HttpOptions['form']> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw wrongBody('form', 'an object of its fields');
  const plain = (value: Json | undefined): string | undefined =>
    value === null || value === undefined ? undefined : textOf(value);
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map((item) => plain(item) ?? '') : plain(value),
    ]),
  );
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function bytesOf(body: Json): Buffer {
  const text = typeof body === 'string' ? body.replace(/=+$/, '') : undefined;
  const bytes = Buffer.from(text ?? '', 'base64');
  if (bytes.toString('base64').replace(/=+$/, '') !== text) throw wrongBody('base64', 'base64');
  return bytes;
}

function wrongBody(type: string, wanted: string): TerminalError {
  return new TerminalError(`The body is sent as ${type}, so it must be ${wanted}.`, { code: 'invalid_input' });
}

function lowerNames(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
