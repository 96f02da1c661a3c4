import { newId, type RunId } from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import { answerTo } from './answer.js';
import { keptHeaders, keptQuery } from './kept.js';

const runId = newId<RunId>();
const requestId = runId.replaceAll('-', '');

describe('the answer to a call', () => {
  it('that was accepted says thank you with the request id', () => {
    const answer = answerTo({ outcome: 'accepted' }, runId);
    expect(answer.status).toBe(200);
    expect(answer.body).toBe(`{"requestId":"${requestId}","message":"thank you"}`);
  });

  it.each([
    [{ outcome: 'unknownFlow' }, 404, {}],
    [{ outcome: 'unauthorized', challenge: 'Basic realm="x"' }, 401, { 'www-authenticate': 'Basic realm="x"' }],
    [{ outcome: 'methodNotAllowed', allowed: 'POST' }, 405, { allow: 'POST' }],
    [{ outcome: 'badBody', fault: { code: 'unsupported_media_type', message: 'm' } }, 415, {}],
    [{ outcome: 'badBody', fault: { code: 'invalid_body', message: 'm', line: 1, column: 2 } }, 400, {}],
    [{ outcome: 'tooLarge', limitBytes: 10 }, 413, {}],
    [{ outcome: 'malformed' }, 400, {}],
    [{ outcome: 'unavailable', retryAfterSeconds: 5 }, 503, { 'retry-after': '5' }],
    [{ outcome: 'failed' }, 500, {}],
  ] as const)('%j has its status, the request id and safe headers', (result, status, headers) => {
    const answer = answerTo(result, runId);
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({
      ...headers,
      'x-millrace-request-id': requestId,
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining('sandbox'),
    });
    expect(JSON.parse(answer.body)).toMatchObject({ requestId, code: expect.any(String), message: expect.any(String) });
  });
});

describe('the headers of a call', () => {
  it('go on without what proves who the caller is', () => {
    const headers = {
      authorization: 'Basic x',
      cookie: 'a=b',
      connection: 'close',
      'x-a': ['1', '2'],
      'user-agent': 'u',
    };
    expect(keptHeaders(headers, [])).toEqual({ 'x-a': '1, 2', 'user-agent': 'u' });
  });

  it('and its query go on without the places where the credential of the flow sends its secret', () => {
    expect(keptHeaders({ 'x-api-key': 'secret', 'x-b': '1' }, ['x-api-key'])).toEqual({ 'x-b': '1' });
    expect(keptQuery({ key: 'secret', page: '2' }, ['key'])).toEqual({ page: '2' });
  });
});
