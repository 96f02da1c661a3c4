import { describe, expect, it } from 'vitest';
import { answerTo } from './answer.js';
import { fixedAnswer, repliedAnswer } from './flow-answer.js';
import { refusals, refused, type RefusalCode } from './refusals.js';

const requestId = '01a2043b08e07188bb47aba106069d94';
const safe = {
  'x-millrace-request-id': requestId,
  'x-content-type-options': 'nosniff',
  'content-security-policy': "sandbox; default-src 'none'",
};

describe('the answer to a call', () => {
  it('that was accepted says thank you with the request id, and that it is a duplicate where it is', () => {
    const answer = answerTo({ outcome: 'accepted', answer: undefined }, requestId);
    expect(answer).toMatchObject({ status: 200, headers: safe });
    expect(answer?.body).toBe(`{"requestId":"${requestId}","message":"thank you"}`);
    const duplicate = answerTo({ outcome: 'accepted', answer: undefined, duplicate: true }, requestId);
    expect(JSON.parse(String(duplicate?.body))).toEqual({ requestId, message: 'thank you', duplicate: true });
  });

  it.each(Object.keys(refusals) as RefusalCode[])(
    'that was refused as %s has its status, its code and safe headers',
    (code) => {
      const answer = answerTo(refused(code, { headers: { 'x-a': 'b' }, forRecord: 'private' }), requestId);
      expect(answer).toMatchObject({ status: refusals[code].status, headers: { ...safe, 'x-a': 'b' } });
      expect(JSON.parse(String(answer?.body))).toEqual({ requestId, code, message: refusals[code].message });
    },
  );

  it('of a flow never loses what keeps browsers safe', () => {
    const answer = fixedAnswer({ status: 200, headers: { 'Content-Type': 'text/html' }, body: 'x' });
    expect(answerTo({ outcome: 'accepted', answer }, requestId)?.headers).toMatchObject({
      ...safe,
      'content-type': 'text/html',
    });
  });

  it('is the same for two calls of a flow, but for the request id', () => {
    const answer = fixedAnswer({ status: 200, headers: {}, body: 'x' });
    const [one, two] = ['1', '2'].map((id) => answerTo({ outcome: 'accepted', answer }, id));
    expect([one?.headers['x-millrace-request-id'], two?.headers['x-millrace-request-id']]).toEqual(['1', '2']);
    expect(answer.headers).not.toHaveProperty('x-millrace-request-id');
  });

  it('of nobody is none', () => {
    expect(answerTo({ outcome: 'gone' }, requestId)).toBeUndefined();
  });
});

describe('the answer of a step', () => {
  it('leaves out what a flow cannot set, and what no header can hold', () => {
    const headers = { 'X-A': '1', 'Set-Cookie': 'a=b', 'x-millrace-request-id': 'mine', 'X-B': 'a\r\nb: c' };
    const reply = repliedAnswer({
      kind: 'reply',
      runId: '' as never,
      status: 200,
      headers,
      body: '',
      bodyEncoding: 'utf8',
    });
    expect(reply.headers).toEqual({ 'x-a': '1' });
  });
});
