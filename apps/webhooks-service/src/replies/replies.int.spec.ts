import { setTimeout as sleep } from 'node:timers/promises';
import { newId, encodeReplyMessage, type ReplyMessage, type TriggerMessage } from '@millrace/contracts';
import { eventually } from '@millrace/testing';
import { describe, expect, it } from 'vitest';
import { useWebhooksService } from '../webhooks-service.fixture.js';

const hooks = useWebhooksService({ timing: { drainRepliesMs: 500 } });

/** Sends an answer the way the orchestrator does. */
function send(trigger: TriggerMessage, message: ReplyMessage): Promise<void> {
  return hooks.publisher.publish({
    exchange: '',
    routingKey: trigger.request.replyTo ?? '',
    body: encodeReplyMessage(message),
    messageId: newId(),
    mandatory: false,
    persistent: false,
  });
}

const reply = (trigger: TriggerMessage, more: Partial<Extract<ReplyMessage, { kind: 'reply' }>> = {}) =>
  send(trigger, {
    kind: 'reply',
    runId: trigger.runId,
    status: 200,
    headers: {},
    body: trigger.body.toString(),
    bodyEncoding: 'utf8',
    ...more,
  });

describe('a flow with a step that answers', () => {
  it('answers 200 callers at a time each with its own, in whatever order runs end', async () => {
    const flow = await hooks.seed({ replies: true });
    const waiting: TriggerMessage[] = [];
    hooks.hear((trigger) => {
      waiting.push(trigger);
      if (waiting.length < 200) return;
      for (const one of waiting.sort(() => Math.random() - 0.5)) {
        void sleep(Math.random() * 200).then(() => reply(one));
      }
    });
    const numbers = Array.from({ length: 200 }, (_, number) => number);
    const answers = await Promise.all(
      numbers.map(async (number) => {
        const answer = await hooks.post(flow.flowId, JSON.stringify({ number }));
        return [answer.status, answer.headers.get('x-millrace-request-id'), await answer.json()] as const;
      }),
    );
    expect(answers.map(([status, , body]) => [status, body])).toEqual(numbers.map((number) => [200, { number }]));
    const runOf = new Map(waiting.map(({ runId, body }) => [body.toString(), runId.replaceAll('-', '')]));
    for (const [, requestId, body] of answers) expect(requestId).toBe(runOf.get(JSON.stringify(body)));
  });

  it('sets status, headers and body, as bytes where it likes, and never what keeps browsers safe', async () => {
    const flow = await hooks.seed({ replies: true });
    const bytes = Buffer.from([0, 255, 1]);
    const headers = {
      'Content-Type': 'image/png',
      'X-Own': 'yes',
      'Set-Cookie': 'a=b',
      'Content-Security-Policy': 'x',
    };
    hooks.hear((trigger) => {
      void reply(trigger, { status: 418, headers, body: bytes.toString('base64'), bodyEncoding: 'base64' });
    });
    const answer = await hooks.post(flow.flowId, '{}');
    expect(answer.status).toBe(418);
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'image/png',
      'x-own': 'yes',
      'content-security-policy': expect.stringContaining('sandbox') as string,
      'x-content-type-options': 'nosniff',
    });
    expect(answer.headers.has('set-cookie')).toBe(false);
  });

  it('answers without a body where the status has none', async () => {
    const flow = await hooks.seed({ replies: true });
    hooks.hear((trigger) => void reply(trigger, { status: 204, body: 'ignored' }));
    const answer = await hooks.post(flow.flowId, '{}');
    expect([answer.status, await answer.text()]).toEqual([204, '']);
  });

  it.each([
    ['succeeded', 200, { message: 'thank you' }],
    ['duplicate', 200, { message: 'thank you', duplicate: true }],
    ['failed', 502, { code: 'run_failed' }],
    ['cancelled', 502, { code: 'run_failed' }],
  ] as const)('whose run ended %s before any answer is answered %i', async (status, expected, body) => {
    const flow = await hooks.seed({ replies: true });
    hooks.hear((trigger) => void send(trigger, { kind: 'ended', runId: trigger.runId, status }));
    const answer = await hooks.post(flow.flowId, '{}');
    expect(answer.status).toBe(expected);
    const requestId = answer.headers.get('x-millrace-request-id');
    expect(await answer.json()).toMatchObject({ ...body, requestId });
  });

  it('that does not answer in time is answered 504 with the request id, and a late answer reaches nobody', async () => {
    const flow = await hooks.seed({ replies: true, config: { replyTimeoutSeconds: 1 } });
    const began = Date.now();
    const answer = await hooks.post(flow.flowId, '{"late":1}');
    expect(answer.status).toBe(504);
    expect(Date.now() - began).toBeGreaterThan(900);
    const { requestId, code } = (await answer.json()) as Record<string, string>;
    const [trigger] = await hooks.triggers(1);
    expect([requestId, code]).toEqual([trigger?.runId.replaceAll('-', ''), 'reply_timeout']);
    await reply(trigger!);
    hooks.hear((next) => void reply(next));
    expect(await (await hooks.post(flow.flowId, '{"next":1}')).json()).toEqual({ next: 1 });
  });

  it('waits on while the connection to the broker is lost, and gets its answer after it', async () => {
    const flow = await hooks.seed({ replies: true });
    const answer = hooks.post(flow.flowId, '{"patient":true}');
    const [trigger] = await hooks.triggers(1);
    hooks.proxy.cut();
    const queue = trigger?.request.replyTo ?? '';
    await eventually(
      async () => {
        await reply(trigger!);
        expect(await Promise.race([answer.then(() => 'answered'), sleep(200)])).toBe('answered');
      },
      { timeoutMs: 15_000 },
    );
    expect(queue).toMatch(/^replies\./);
    expect(await (await answer).json()).toEqual({ patient: true });
  });

  it('forgets a caller who hung up', async () => {
    const flow = await hooks.seed({ replies: true });
    const calling = new AbortController();
    const call = hooks.hook(flow.flowId, { method: 'POST', body: '{}', signal: calling.signal });
    const [trigger] = await hooks.triggers(1);
    calling.abort();
    await expect(call).rejects.toThrow('aborted');
    await reply(trigger!);
    hooks.hear((next) => void reply(next));
    expect((await hooks.post(flow.flowId, '{}')).status).toBe(200);
  });

  it('answers callers that wait while the service ends, for as long as it may, and leaves no queue', async () => {
    const flow = await hooks.seed({ replies: true });
    const [answered, unanswered] = [hooks.post(flow.flowId, '{"n":1}'), hooks.post(flow.flowId, '{"n":2}')];
    const triggers = await hooks.triggers(2);
    const closed = hooks.close();
    await sleep(100);
    await reply(triggers.find(({ body }) => body.toString() === '{"n":1}')!);
    expect((await answered).status).toBe(200);
    expect((await unanswered).status).toBe(504);
    await closed;
    await eventually(
      async () => {
        const queues = await hooks.queues();
        expect(queues.filter((name) => name.startsWith('replies.'))).toEqual([]);
      },
      { timeoutMs: 5_000 },
    );
  });
});

describe('a flow without such a step', () => {
  it('names no queue for answers', async () => {
    const flow = await hooks.seed();
    await hooks.post(flow.flowId, '{}');
    expect((await hooks.triggers(1))[0]?.request).not.toHaveProperty('replyTo');
  });
});
