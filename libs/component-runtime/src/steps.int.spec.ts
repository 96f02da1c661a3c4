import { action, defineComponent, secret, TerminalError } from '@millrace/component-sdk';
import { stepQueue } from '@millrace/contracts';
import { parkedReason } from '@millrace/amqp';
import { createVhost, eventually, type TestVhost } from '@millrace/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { host, Installation, stepOf, surround, type Surroundings } from '../test/hosted.js';
import type { RunningComponent } from './start-component.js';

const installation = new Installation();

const credential = z.object({ apiKey: secret() });
const anything = { input: z.unknown(), output: z.unknown() };
const aborts: string[] = [];

const odd = defineComponent({
  name: 'odd',
  title: 'Odd',
  version: '2.0.0',
  credentials: { fields: credential, required: false },
  actions: {
    echo: action({
      title: 'Echo',
      input: z.object({ name: z.string().min(1), tags: z.array(z.number()).default([]) }),
      config: z.object({ loud: z.boolean().default(false) }),
      output: z.unknown(),
      run: async ({ input, config, logger, idempotencyKey }) => {
        logger.info('called', { tags: input.tags });
        return { ...input, ...config, idempotencyKey };
      },
    }),
    count: action({
      title: 'Count',
      input: z.object({ to: z.number() }),
      output: z.number(),
      async *run({ input }) {
        for (let i = 1; i <= input.to; i += 1) yield i;
      },
    }),
    leak: action({
      title: 'Leak',
      ...anything,
      credential,
      run: ({ credential, logger }) => {
        logger.warn(`sending ${credential.apiKey}`, { header: credential.apiKey });
        throw new TerminalError(`the key ${credential.apiKey} was refused`, { detail: { sent: credential.apiKey } });
      },
    }),
    tell: action({
      title: 'Tell',
      input: z.object({ name: z.string(), keys: z.array(z.object({ password: secret() })) }),
      output: z.unknown(),
      run: ({ input, logger }) => {
        const words = input.keys.map(({ password }) => password).join(' and ');
        logger.info(`${input.name} has ${words}`, { words });
        throw new TerminalError(`${words} of ${input.name}`, { detail: { words } });
      },
    }),
    nothing: action({ title: 'Nothing', ...anything, run: () => undefined }),
    throwText: action({
      title: 'Throw',
      ...anything,
      run: () => {
        // oxlint-disable-next-line typescript/only-throw-error -- foreign code does this
        throw 'only words';
      },
    }),
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- foreign code does this
    rejectUndefined: action({ title: 'Reject', ...anything, run: () => Promise.reject<unknown>() }),
    notJson: action({ title: 'Not JSON', ...anything, run: () => ({ pet: { save: () => 1 } }) }),
    huge: action({ title: 'Huge', ...anything, run: () => ({ text: 'x'.repeat(20_000_000) }) }),
    heedful: action({
      title: 'Heeds its abort',
      ...anything,
      run: ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            aborts.push('heedful');
            reject(new Error('aborted'));
          });
        }),
    }),
    heedless: action({ title: 'Ignores its abort', ...anything, run: () => new Promise(() => undefined) }),
  },
});

// One service for all tests here: each step is a run of its own.
let vhost: TestVhost;
let around: Surroundings;
let running: RunningComponent;

beforeAll(async () => {
  vhost = await createVhost();
  around = await surround(vhost.amqpUrl, odd);
  running = await host(odd, { AMQP_URL: vhost.amqpUrl, CREDENTIAL_KEY: installation.keyOf('odd') });
  await running.subscribed();
});

beforeEach(() => {
  around.parked.length = 0;
  around.results.length = 0;
});

afterAll(async () => {
  await running.close();
  expect(await around.sessions.consuming.messageCount(stepQueue('odd'))).toBe(0);
  await around.close();
  await vhost.remove();
});

describe('a step', () => {
  it('ends with its output, its log, and address and carry unchanged', async () => {
    const step = stepOf(odd, 'echo', { input: { name: 'Gromit', tags: [1], left: 'out' }, attempt: 3 });
    const result = await around.runStep(step);
    expect(result).toEqual({
      workspaceId: step.workspaceId,
      flowId: step.flowId,
      versionId: step.versionId,
      runId: step.runId,
      stepId: step.stepId,
      path: '0',
      attempt: 3,
      carry: step.carry,
      component: { name: 'odd', version: '2.0.0' },
      startedAt: expect.any(Number) as number,
      finishedAt: expect.any(Number) as number,
      logs: [{ time: expect.any(Number) as number, level: 'info', message: 'called', fields: { tags: [1] } }],
      outcome: {
        kind: 'succeeded',
        outputs: [{ name: 'Gromit', tags: [1], loud: false, idempotencyKey: `${step.runId}:step_2:0` }],
      },
    });
  });

  it('may emit many outputs or none', async () => {
    expect(await around.runStep(stepOf(odd, 'count', { input: { to: 3 } }))).toMatchObject({
      outcome: { kind: 'succeeded', outputs: [1, 2, 3] },
    });
    expect(await around.runStep(stepOf(odd, 'nothing'))).toMatchObject({ outcome: { kind: 'succeeded', outputs: [] } });
  });

  it.each([
    ['echo', { name: '', tags: ['x'] }, 'invalid_input', /^The input does not fit: \/name: .*; \/tags\/0: /, 'never'],
    ['missing', {}, 'operation_unknown', /Component odd 2\.0\.0 has no operation missing/, 'never'],
    ['leak', {}, 'credential_missing', /needs one: choose it in the flow/, 'never'],
    ['throwText', {}, 'operation_failed', /^only words$/, 'policy'],
    ['rejectUndefined', {}, 'operation_failed', /without saying why \(it threw undefined\)/, 'policy'],
    ['notJson', {}, 'output_not_json', /^Output 1 is not JSON: \/pet\/save is a function$/, 'never'],
    ['huge', {}, 'output_too_large', /too large: at least 200000\d\d bytes, and 12582912 are allowed/, 'never'],
  ])('that is %s with %j fails as %s', async (...[operation, input, code, message, retry]) => {
    const result = await around.runStep(stepOf(odd, operation, { input }));
    if (result.outcome.kind !== 'failed') throw new Error('it succeeded');
    expect(result.outcome.error.code).toBe(code);
    expect(result.outcome.error.message).toMatch(message);
    expect(result.outcome.retry).toEqual({ kind: retry });
  });

  it('tells which fields of the input are wrong by JSON pointers', async () => {
    const result = await around.runStep(stepOf(odd, 'echo', { input: { tags: [1, 'x'] } }));
    expect(result.outcome).toMatchObject({
      error: { detail: { problems: [{ pointer: '/name' }, { pointer: '/tags/1', code: 'invalid_type' }] } },
    });
  });

  it('is refused a wrong configuration', async () => {
    const step = stepOf(odd, 'echo', { input: { name: 'x' }, config: { loud: 'very' } });
    expect((await around.runStep(step)).outcome).toMatchObject({
      error: { code: 'invalid_config' },
      retry: { kind: 'never' },
    });
  });

  it.each(['heedful', 'heedless'])('that is %s of its abort fails when its time is up', async (operation) => {
    aborts.length = 0;
    const result = await around.runStep(stepOf(odd, operation, { timeoutMs: 150 }));
    expect(result.outcome).toMatchObject({
      error: { code: 'timeout', message: 'The step did not end within 150 ms and was stopped' },
      retry: { kind: 'policy' },
    });
    expect(result.finishedAt - result.startedAt).toBeLessThan(2_000);
    expect(aborts).toEqual(operation === 'heedful' ? ['heedful'] : []);
  });
});

describe('what an operation marks secret in its input', () => {
  it('is masked in error, detail and log', async () => {
    const input = { name: 'Gromit', keys: [{ password: 'hunter2' }, { password: 'cheese' }] };
    expect(await around.runStep(stepOf(odd, 'tell', { input }))).toMatchObject({
      outcome: { error: { message: '*** and *** of Gromit', detail: { words: '*** and ***' } } },
      logs: [{ message: 'Gromit has *** and ***', fields: { words: '*** and ***' } }],
    });
  });
});

describe('the credential of a step', () => {
  it('is opened with the own key, and its secrets are masked in error, detail and log', async () => {
    const apiKey = 'hunter2-and-more';
    const result = await around.runStep(stepOf(odd, 'leak', { credential: installation.seal('odd', { apiKey }) }));
    expect(JSON.stringify(result)).not.toContain(apiKey);
    expect(result).toMatchObject({
      outcome: { error: { message: 'the key *** was refused', detail: { sent: '***' } } },
      logs: [{ message: 'sending ***', fields: { header: '***' } }],
    });
  });

  it.each([
    ["another component's", installation.seal('twitter', { apiKey: 'k' }), 'credential_unreadable', 'policy'],
    ["another installation's", new Installation().seal('odd', { apiKey: 'k' }), 'credential_unreadable', 'policy'],
    ['a damaged', { ...installation.seal('odd', { apiKey: 'k' }), sealed: 'mr1.x' }, 'credential_unreadable', 'never'],
    ['an incomplete', installation.seal('odd', {}), 'credential_invalid', 'never'],
  ])('fails the step when it is %s one', async (_whose, credential, code, retry) => {
    const { outcome } = await around.runStep(stepOf(odd, 'leak', { credential }));
    expect(outcome).toMatchObject({ kind: 'failed', error: { code }, retry: { kind: retry } });
  });
});

describe('a message that is no step of the component', () => {
  it.each([
    ['{"half":', /step message is not valid JSON/],
    ['{}', /step message is malformed: .*\/runId/],
    [JSON.stringify(stepOf(odd, 'echo', { component: 'petstore' })), /is for component petstore, not for odd/],
  ])('is parked with the reason (case %#)', async (body, reason) => {
    const message = { exchange: '', routingKey: stepQueue('odd'), body: Buffer.from(body), messageId: 'm' };
    await around.publisher.publish(message);
    const [parked] = await eventually(() => {
      expect(around.parked).toHaveLength(1);
      return around.parked;
    });
    expect(parkedReason(parked?.headers ?? {})?.reason).toMatch(reason);
    expect(around.results).toEqual([]);
  });
});
