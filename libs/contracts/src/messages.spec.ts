import { describe, expect, it } from 'vitest';
import {
  decodeDescriptor,
  decodeResultMessage,
  decodeStepMessage,
  decodeTriggerMessage,
  encodeResultMessage,
  encodeStepMessage,
  encodeTriggerMessage,
  hookRequestBody,
  hookRequestInput,
  idempotencyKey,
  isReplyQueue,
  maxMessageBytes,
  newId,
  parseStepMessageId,
  replyQueue,
  requestContext,
  stepMessageId,
  type HookRequest,
  type ResultMessage,
  type StepMessage,
  type StepPath,
  type TriggerMessage,
} from './index.js';

const address = {
  workspaceId: newId<StepMessage['workspaceId']>(),
  flowId: newId<StepMessage['flowId']>(),
  versionId: newId<StepMessage['versionId']>(),
  runId: newId<StepMessage['runId']>(),
  stepId: 'step_2' as StepMessage['stepId'],
  path: '0' as StepPath,
  attempt: 2,
};

const request: HookRequest = {
  method: 'POST',
  path: '/extra',
  query: { a: '1', b: ['2', '3'] },
  headers: { 'user-agent': 'curl' },
  contentType: 'application/json',
};

describe('a trigger message', () => {
  const message: TriggerMessage = {
    runId: address.runId,
    workspaceId: address.workspaceId,
    flowId: address.flowId,
    versionId: address.versionId,
    receivedAt: 1_700_000_000_000,
    request,
    body: Buffer.from([0, 255, 10]),
  };

  const headersOf = (from: TriggerMessage) => encodeTriggerMessage(from).headers;
  const headersWith = (change: Partial<TriggerMessage>) => ({ headers: headersOf({ ...message, ...change }) });

  it('is read as it was written, the body byte for byte', () => {
    const { messageId, headers, body } = encodeTriggerMessage(message);
    expect(decodeTriggerMessage({ messageId, headers, body })).toEqual({ ok: true, value: message });
  });

  it('of a replay says which run it is of', () => {
    const replay = { ...message, replayOf: newId<TriggerMessage['runId']>() };
    expect(decodeTriggerMessage(encodeTriggerMessage(replay))).toEqual({ ok: true, value: replay });
    const wrong = encodeTriggerMessage({ ...message, replayOf: 'x' as TriggerMessage['runId'] });
    expect(decodeTriggerMessage(wrong)).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/replayOf/) as string,
    });
  });

  it.each([
    ['no message id', { messageId: undefined }, /message id/],
    ['a foreign message id', { messageId: '42' }, /message id/],
    ['no workspace', { headers: { ...headersOf(message), workspaceId: 'x' } }, /workspaceId/],
    ['no header trigger', { headers: { workspaceId: message.workspaceId } }, /header trigger/],
    ['an unreadable trigger', { headers: { ...headersOf(message), trigger: '{' } }, /header trigger/],
    ['a flow id that is none', headersWith({ flowId: 'x' as TriggerMessage['flowId'] }), /flowId/],
    ['a request without a method', headersWith({ request: { ...request, method: 1 as never } }), /request\.method/],
    ['more raw bytes than it has', headersWith({ request: { ...request, rawBodyBytes: 4 } }), /rawBodyBytes/],
  ])('with %s is refused by name', (_, change, reason) => {
    const decoded = decodeTriggerMessage({ ...encodeTriggerMessage(message), ...change });
    expect(decoded).toMatchObject({ ok: false, reason: expect.stringMatching(reason) });
  });
});

describe('a step message', () => {
  const message: StepMessage = {
    ...address,
    component: 'petstore',
    operation: 'createPet',
    config: {},
    input: { name: 'Gromit', odd: '\u0000\ud800' },
    credential: null,
    snapshot: null,
    timeoutMs: 1000,
    carry: { steps: {} },
  };

  it('is read as it was written', () => {
    expect(decodeStepMessage(encodeStepMessage(message))).toEqual({ ok: true, value: message });
  });

  it('has an id of its attempt and an idempotency key of its step run', () => {
    expect(stepMessageId(message)).toBe(`${address.runId}:step_2:0:2`);
    expect(idempotencyKey(message)).toBe(`${address.runId}:step_2:0`);
    const { runId, stepId, path, attempt } = address;
    expect(parseStepMessageId(stepMessageId(message))).toEqual({ runId, stepId, path, attempt });
    for (const other of ['', runId, `${runId}:s::0`, `${runId}:s:0:1:2`, 'x:s:0:1']) {
      expect(parseStepMessageId(other)).toBeUndefined();
    }
  });

  it('that cannot be read names the field', () => {
    expect(decodeStepMessage(Buffer.from('nonsense'))).toEqual({ ok: false, reason: 'step message is not valid JSON' });
    const broken = Buffer.from(JSON.stringify({ ...message, timeoutMs: 'soon' }));
    expect(decodeStepMessage(broken)).toMatchObject({ ok: false, reason: expect.stringContaining('/timeoutMs') });
  });
});

describe('a result message', () => {
  const base = { ...address, logs: [], component: { name: 'c', version: '1' }, startedAt: 1, finishedAt: 2 };
  it.each<ResultMessage['outcome']>([
    { kind: 'succeeded', outputs: [] },
    { kind: 'succeeded', outputs: [1, null, { a: [] }] },
    { kind: 'failed', error: { code: 'x', message: 'y', detail: null }, retry: { kind: 'after', afterMs: 5 } },
  ])('is read as it was written: %j', (outcome) => {
    const message = { ...base, outcome, carry: { steps: {} } };
    expect(decodeResultMessage(encodeResultMessage(message))).toEqual({ ok: true, value: message });
  });

  it('with an unknown outcome is refused', () => {
    const message = { ...base, outcome: { kind: 'vanished' }, carry: { steps: {} } };
    expect(decodeResultMessage(Buffer.from(JSON.stringify(message)))).toMatchObject({ ok: false });
  });
});

describe('the body as it was sent', () => {
  const json = Buffer.from('{"a":1}');
  it.each([
    ['text', Buffer.from('<a>1</a>'), { text: '<a>1</a>', encoding: 'utf8' }],
    ['bytes', Buffer.from([0xff, 0]), { text: '/wA=', encoding: 'base64' }],
  ])('follows the JSON where the flow keeps it, as %s', (_, raw, rawBody) => {
    const kept: HookRequest = { ...request, rawBodyBytes: raw.length, replyTo: 'replies.a' };
    const body = Buffer.concat([json, raw]);
    expect(requestContext(kept, body)).toEqual({ ...request, rawBody });
    expect(hookRequestInput(kept, body)).toEqual({ ...request, body: '{"a":1}', bodyEncoding: 'utf8' });
  });

  it('is a file where files were sent', () => {
    const file = { id: 'f', name: 'body', contentType: 'a/b', size: 40_000_000, url: 'https://files.example/f' };
    const kept: HookRequest = { ...request, rawBodyFile: file };
    expect(requestContext(kept, json)).toEqual({ ...request, rawBody: { file } });
    expect(hookRequestInput(kept, json)).toEqual({ ...request, body: '{"a":1}', bodyEncoding: 'utf8' });
  });

  it('is left out where the flow does not keep it', () => {
    expect(requestContext(request, json)).toEqual(request);
  });
});

describe('the queue of a caller who waits', () => {
  it('is one that an instance of webhooks-service has, and no other queue', () => {
    expect(isReplyQueue(replyQueue(newId()))).toBe(true);
    for (const name of ['triggers', 'replies.', `replies.${newId()}.x`, `x${replyQueue(newId())}`]) {
      expect(isReplyQueue(name)).toBe(false);
    }
  });
});

describe('the raw body in a trigger step input', () => {
  it.each([
    ['text', Buffer.from('{"pet":"Gromit ü"}'), 'utf8'],
    ['bytes that are no UTF-8', Buffer.from([0xff, 0, 1]), 'base64'],
    ['large text that escapes would blow up', Buffer.from('"'.repeat(1_000_000)), 'base64'],
    ['small text full of escapes', Buffer.from('"'.repeat(1000)), 'utf8'],
    ['nothing', Buffer.alloc(0), 'utf8'],
  ])('is %s and comes back byte for byte', (_, body, encoding) => {
    const input = hookRequestInput(request, body);
    expect(input.bodyEncoding).toBe(encoding);
    // Byte by byte in this language would take seconds for the large one.
    expect(hookRequestBody(input).equals(body)).toBe(true);
  });

  it('of the largest size that is accepted fits into a message', () => {
    for (const byte of [0x22, 0x61, 0x00]) {
      const body = Buffer.alloc(10_000_000, byte);
      const message = { ...address, component: 'webhook', operation: 'receive', config: {}, credential: null };
      const encoded = encodeStepMessage({
        ...message,
        input: hookRequestInput(request, body),
        snapshot: null,
        timeoutMs: 1000,
        carry: { steps: {} },
      });
      expect(encoded.length).toBeLessThan(maxMessageBytes);
    }
  });
});

describe('an announced descriptor', () => {
  it('with a name that cannot be part of a queue name is refused', () => {
    const descriptor = {
      name: 'Pet Store',
      title: 'x',
      description: '',
      version: '1',
      credentials: null,
      operations: [],
    };
    expect(decodeDescriptor(Buffer.from(JSON.stringify(descriptor)))).toMatchObject({
      ok: false,
      reason: expect.stringContaining('/name'),
    });
  });
});
