import { consume, createParker, createRpcClient, openSession } from '@millrace/amqp';
import { action, defineComponent, descriptorOf, secret, TerminalError } from '@millrace/component-sdk';
import {
  decodeDescriptor,
  decodeRpcReply,
  encodeRpcRequest,
  rpcQueue,
  stepQueue,
  type JsonObject,
  type RpcReply,
} from '@millrace/contracts';
import { createLogger } from '@millrace/observability';
import { ConfigError } from '@millrace/process';
import { cuttingProxy, eventually, useVhost } from '@millrace/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { host, Installation, stepOf, surround, workspaceId, type Surroundings } from '../test/hosted.js';
import type { RunningComponent } from './start-component.js';

const vhost = useVhost();
const installation = new Installation();
const logger = createLogger({ service: 'spec', level: 'silent' });

const credential = z.object({ apiKey: secret() });
let calls = 0;
let release = (): void => undefined;

const slow = defineComponent({
  name: 'slow',
  title: 'Slow',
  version: '1.0.0',
  settings: z.object({ SLOW_URL: z.url({ error: 'must be a URL' }).describe('where slow things are') }),
  credentials: {
    fields: credential,
    verify: async ({ credential, settings, signal }) => {
      if (credential.apiKey === 'hang') {
        await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
      }
      if (credential.apiKey !== 'right') throw new TerminalError(`${settings.SLOW_URL} knows no ${credential.apiKey}`);
    },
  },
  actions: {
    wait: action({
      title: 'Wait to be released',
      input: z.unknown(),
      output: z.unknown(),
      run: async ({ signal }) => {
        calls += 1;
        await new Promise<void>((resolve, reject) => {
          release = resolve;
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        });
        return 'released';
      },
    }),
  },
});

const env = { SLOW_URL: 'http://slow', CREDENTIAL_KEY: installation.keyOf('slow') };
let around: Surroundings;
const started: RunningComponent[] = [];

async function start(...[amqpUrl, options]: [string, Parameters<typeof host>[2]?]): Promise<RunningComponent> {
  const running = await host(slow, { ...env, AMQP_URL: amqpUrl }, options);
  started.push(running);
  await running.subscribed();
  return running;
}

beforeEach(async () => {
  calls = 0;
  around = await surround(vhost.amqpUrl, slow);
});

afterEach(async () => {
  for (const running of started.splice(0)) await running.close();
  await around.close();
});

describe('a component service', () => {
  it('announces its descriptor at once, at an interval and after a reconnect', async () => {
    const proxy = await cuttingProxy(vhost.amqpUrl);
    const running = await start(proxy.through(vhost.amqpUrl), { announceIntervalMs: 200 });
    await eventually(() => expect(around.announced.length).toBeGreaterThanOrEqual(3));
    expect(decodeDescriptor(around.announced[0]?.body ?? Buffer.alloc(0))).toEqual({
      ok: true,
      value: descriptorOf(slow),
    });
    proxy.cut();
    around.announced.length = 0;
    await eventually(() => expect(around.announced.length).toBeGreaterThanOrEqual(1));
    await running.close();
    await proxy.close();
  });

  it('is ready while it consumes and not while the broker is away', async () => {
    const proxy = await cuttingProxy(vhost.amqpUrl);
    const running = await start(proxy.through(vhost.amqpUrl));
    const ready = async (): Promise<number> =>
      (await fetch(`http://127.0.0.1:${running.healthPort}/health/ready`)).status;
    await eventually(async () => expect(await ready()).toBe(200));
    proxy.refuse();
    proxy.cut();
    await eventually(async () => expect(await ready()).toBe(503));
    proxy.restore();
    await eventually(async () => expect(await ready()).toBe(200));
    await running.close();
    await proxy.close();
  });

  it('tells Prometheus what runs, what became of its steps and how it feels', async () => {
    const running = await start(vhost.amqpUrl);
    const metrics = async (): Promise<string> => {
      const answer = await fetch(`http://127.0.0.1:${running.healthPort}/metrics`);
      expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
      return answer.text();
    };
    await around.sendStep(stepOf(slow, 'wait'));
    await eventually(async () =>
      expect(await metrics()).toContain('millrace_component_steps_in_flight{component="slow"} 1\n'),
    );
    release();
    await eventually(async () => {
      const text = await metrics();
      expect(text).toContain('millrace_component_steps_total{component="slow",outcome="succeeded"} 1\n');
      expect(text).toContain('millrace_component_step_seconds_count{component="slow"} 1\n');
      expect(text).toContain('millrace_component_steps_in_flight{component="slow"} 0\n');
      expect(text).toContain('millrace_component_orphans{component="slow"} 0\n');
      expect(text).toMatch(/nodejs_eventloop_lag_max_seconds\{component="slow"\} [0-9.]+\n/);
      expect(text).toMatch(/process_resident_memory_bytes\{component="slow"\} [0-9]+\n/);
    });
  });

  it('refuses to start and names every setting that is missing or wrong, without values', async () => {
    const failure = await host(slow, { SLOW_URL: 'nonsense', CREDENTIAL_KEY: 'c2hvcnQ=', HEALTH_PORT: 'x' }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(ConfigError);
    const message = failure instanceof Error ? failure.message : '';
    expect(message).toContain('SLOW_URL: must be a URL (where slow things are)');
    expect(message).toContain('CREDENTIAL_KEY: The key has 5 bytes and must have 32');
    expect(message).toContain('AMQP_URL: is missing');
    expect(message).toContain('HEALTH_PORT: must be a whole number');
    expect(message).not.toMatch(/nonsense|c2hvcnQ/);
  });

  it('refuses to start on a port that is taken and leaves nothing open', async () => {
    const running = await start(vhost.amqpUrl);
    const second = host(slow, { ...env, AMQP_URL: vhost.amqpUrl, HEALTH_PORT: String(running.healthPort) });
    await expect(second).rejects.toThrow('EADDRINUSE');
  });
});

describe('a step in flight', () => {
  it('runs once although the connection is cut under it, and its result arrives', async () => {
    const proxy = await cuttingProxy(vhost.amqpUrl);
    const running = await start(proxy.through(vhost.amqpUrl));
    const step = stepOf(slow, 'wait');
    await around.sendStep(step);
    await eventually(() => expect(calls).toBe(1));
    proxy.cut();
    await eventually(async () => expect(await redelivered()).toBe(true));
    release();
    await eventually(() => expect(around.results).toMatchObject([{ outcome: { outputs: ['released'] } }]));
    await running.close();
    expect(calls).toBe(1);
    expect(await around.sessions.consuming.messageCount(stepQueue('slow'))).toBe(0);
    await proxy.close();

    /** The cut connection is replaced and its unacked message is with the new one. */
    async function redelivered(): Promise<boolean> {
      const [consumers, ready] = await Promise.all([
        vhost.management.consumers(vhost.name),
        around.sessions.consuming.messageCount(stepQueue('slow')),
      ]);
      return consumers.some(({ queue }) => queue.name === stepQueue('slow')) && ready === 0;
    }
  });

  it('has its result published as soon as the broker is back', async () => {
    const proxy = await cuttingProxy(vhost.amqpUrl);
    const running = await start(proxy.through(vhost.amqpUrl));
    await around.sendStep(stepOf(slow, 'wait'));
    await eventually(() => expect(calls).toBe(1));
    proxy.refuse();
    proxy.cut();
    release();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(around.results).toEqual([]);
    proxy.restore();
    await eventually(() => expect(around.results).toHaveLength(1), { timeoutMs: 15_000 });
    await running.close();
    await proxy.close();
  });

  it('is finished before the process ends', async () => {
    const running = await start(vhost.amqpUrl);
    await around.sendStep(stepOf(slow, 'wait'));
    await eventually(() => expect(calls).toBe(1));
    const closing = running.close();
    setTimeout(release, 100);
    await closing;
    await eventually(() => expect(around.results).toMatchObject([{ outcome: { kind: 'succeeded' } }]));
    expect(await around.sessions.consuming.messageCount(stepQueue('slow'))).toBe(0);
  });

  it('is given back when it cannot finish in time, and another process runs it', async () => {
    const first = await start(vhost.amqpUrl, { drainTimeoutMs: 400 });
    await around.sendStep(stepOf(slow, 'wait'));
    await eventually(() => expect(calls).toBe(1));
    await first.close();
    expect(around.results).toEqual([]);
    await start(vhost.amqpUrl);
    await eventually(() => expect(calls).toBe(2));
    release();
    await eventually(() => expect(around.results).toMatchObject([{ outcome: { kind: 'succeeded' } }]));
  });

  it('runs alone once two processes ended that had it, and so do its neighbours', async () => {
    await Promise.all([1, 2, 3].map(() => around.sendStep(stepOf(slow, 'wait'))));
    for (let crashes = 0; crashes < 2; crashes += 1) await loseAll(3);
    await start(vhost.amqpUrl);
    for (const done of [0, 1, 2]) {
      await eventually(() => expect(around.results).toHaveLength(done));
      await eventually(() => expect(calls).toBe(done + 1));
      // Time in which another one would begin.
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(calls).toBe(done + 1);
      release();
    }
    await eventually(() => expect(around.results).toHaveLength(3));
    expect(around.results.every(({ outcome }) => outcome.kind === 'succeeded')).toBe(true);
  });

  it('runs on alone, and only once, although its connection is cut until its count is past the limit', async () => {
    const proxy = await cuttingProxy(vhost.amqpUrl);
    await around.sendStep(stepOf(slow, 'wait', { timeoutMs: 60_000 }));
    for (let crashes = 0; crashes < 6; crashes += 1) await loseAll(1);
    const running = await start(proxy.through(vhost.amqpUrl));
    await eventually(() => expect(calls).toBe(1));
    for (let cuts = 0; cuts < 3; cuts += 1) {
      proxy.refuse();
      proxy.cut();
      await eventually(async () => expect(await ready()).toBe(1));
      proxy.restore();
      await eventually(async () => expect(await ready()).toBe(0));
    }
    release();
    await eventually(() => expect(around.results).toMatchObject([{ outcome: { kind: 'succeeded' } }]));
    await running.close();
    await proxy.close();
    expect(calls).toBe(1);
  });

  it('fails as crashed, without being run again, once it came back eight times', async () => {
    let deliveries = 0;
    const killer = consume(around.sessions.consuming, {
      queue: stepQueue('slow'),
      prefetch: 1,
      logger,
      park: createParker(around.publisher),
      handle: () => {
        deliveries += 1;
        return deliveries > 8 ? new Promise(() => undefined) : Promise.resolve({ outcome: 'redeliver', afterMs: 0 });
      },
    });
    await around.sendStep(stepOf(slow, 'wait'));
    await eventually(() => expect(deliveries).toBe(9));
    await killer.close(100);
    await start(vhost.amqpUrl);
    await eventually(() =>
      expect(around.results).toMatchObject([
        {
          outcome: { error: { code: 'component_crashed' }, retry: { kind: 'never' } },
          carry: { request: { method: 'POST' } },
        },
      ]),
    );
    expect(calls).toBe(0);
  });
});

/** What a process leaves that ends while it holds this many steps. */
async function loseAll(count: number): Promise<void> {
  const topology = { exchanges: [], queues: [], bindings: [] };
  const session = openSession({ url: vhost.amqpUrl, name: 'spec-crash', topology, logger });
  let held = 0;
  const consumer = consume(session, {
    queue: stepQueue('slow'),
    prefetch: count,
    logger,
    park: createParker(around.publisher),
    handle: () => {
      held += 1;
      return new Promise(() => undefined);
    },
  });
  await eventually(() => expect(held).toBe(count));
  await session.close();
  await consumer.close(0);
  await eventually(async () => expect(await ready()).toBe(count));
}

function ready(): Promise<number | undefined> {
  return around.sessions.consuming.messageCount(stepQueue('slow'));
}

describe('the verification of a credential', () => {
  async function verify(credential: { id: string; sealed: string }, timeoutMs = 5_000): Promise<RpcReply> {
    const client = createRpcClient(around.sessions.consuming, {
      name: 'replies.spec',
      publisher: around.publisher,
      logger,
    });
    const request = encodeRpcRequest({ call: 'verifyCredential', workspaceId, credential, timeoutMs } as never);
    const reply = decodeRpcReply(await client.call(rpcQueue('slow'), request, { timeoutMs: 5_000 }));
    await client.close();
    if (!reply.ok) throw new Error(reply.reason);
    return reply.value;
  }

  const sealed = (fields: JsonObject): { id: string; sealed: string } => installation.seal('slow', fields);

  it('is answered by the component', async () => {
    await start(vhost.amqpUrl);
    expect(await verify(sealed({ apiKey: 'right' }))).toEqual({ ok: true, value: null });
    expect(await verify(sealed({ apiKey: 'hunter2' }))).toEqual({
      ok: false,
      error: { code: 'refused', message: 'http://slow knows no ***', detail: null },
    });
  });

  it('names what is wrong with the fields', async () => {
    await start(vhost.amqpUrl);
    expect(await verify(sealed({ apiKey: '' }))).toMatchObject({
      ok: false,
      error: { code: 'credential_invalid', message: expect.stringContaining('/apiKey') as string },
    });
    expect(await verify(installation.seal('twitter', { apiKey: 'right' }))).toMatchObject({
      ok: false,
      error: { code: 'credential_unreadable' },
    });
  });

  it('ends with the time that the caller gives it', async () => {
    await start(vhost.amqpUrl);
    expect(await verify(sealed({ apiKey: 'hang' }), 150)).toMatchObject({
      ok: false,
      error: { code: 'timeout', message: 'Slow could not check the credential within 150 ms' },
    });
  });

  it('is answered although the question cannot be read', async () => {
    await start(vhost.amqpUrl);
    expect(await verify({ id: '' } as never)).toMatchObject({ ok: false, error: { code: 'call_unreadable' } });
  });
});
