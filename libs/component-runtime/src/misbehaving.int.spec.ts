/*
 * A component that does all that it must not, in a process of its own that is started again whenever it ends, as a supervisor
 * does: the step fails with a clear error, and what runs beside it succeeds.
 */
import { createRpcClient, type RpcClient } from '@millrace/amqp';
import { action, defineComponent } from '@millrace/component-sdk';
import { decodeRpcReply, encodeRpcRequest, rpcQueue, stepQueues } from '@millrace/contracts';
import { createVhost, eventually, type TestVhost } from '@millrace/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createLogger } from '@millrace/observability';
import { stepOf, surround, workspaceId, type Surroundings } from '../test/hosted.js';

const CHILD = fileURLToPath(new URL('misbehaving-child.fixture.mjs', import.meta.url));

/** The same name as in the child; only messages are made with it here. */
const wild = defineComponent({
  name: 'wild',
  title: 'Wild',
  version: '1.0.0',
  actions: { work: action({ title: 'Work', input: z.unknown(), output: z.unknown(), run: () => null }) },
});

let vhost: TestVhost;
let around: Surroundings;
let rpc: RpcClient;
let child: ChildProcess | undefined;
const exits: (number | string | null)[] = [];
let log = '';
const supervised = { over: false };

/** Keeps one process running. */
async function supervise(): Promise<void> {
  while (!supervised.over) {
    const env = {
      PATH: process.env['PATH'],
      AMQP_URL: vhost.amqpUrl,
      HEALTH_PORT: '0',
      CONCURRENCY: '24',
      BLOCK_LIMIT_MS: '2000',
      MEMORY_LIMIT_MB: '450',
    };
    child = spawn(process.execPath, [CHILD], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout?.on('data', (chunk: Buffer) => (log += chunk.toString()));
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
    exits.push(code ?? signal);
  }
}

let supervision: Promise<void>;
beforeAll(async () => {
  vhost = await createVhost();
  around = await surround(vhost.amqpUrl, wild);
  rpc = createRpcClient(around.sessions.consuming, {
    name: 'spec',
    publisher: around.publisher,
    logger: createLogger({ service: 'spec', level: 'silent' }),
  });
  supervision = supervise();
});
afterAll(async () => {
  supervised.over = true;
  child?.kill('SIGTERM');
  await supervision;
  for (const queue of stepQueues('wild')) expect(await around.sessions.consuming.messageCount(queue)).toBe(0);
  await rpc.close();
  await around.close();
  await vhost.remove();
});

async function resultOf(runId: string, timeoutMs: number) {
  return eventually(
    () => {
      const found = around.results.find((result) => result.runId === runId);
      if (!found) throw new Error('no result yet');
      return found.outcome;
    },
    { timeoutMs },
  );
}

/** Runs the operation among others and returns its outcome; the others must succeed. */
async function runAmongOthers(operation: string, { timeoutMs = 20_000, waitMs = 60_000 } = {}) {
  exits.length = 0;
  const work = [1, 2, 3].map(() => stepOf(wild, 'work', { timeoutMs: 20_000 }));
  const guilty = stepOf(wild, operation, { timeoutMs });
  for (const step of [...work.slice(1), guilty, ...work.slice(0, 1)]) await around.sendStep(step);
  const outcome = await resultOf(guilty.runId, waitMs);
  for (const { runId } of work) expect(await resultOf(runId, waitMs)).toMatchObject({ kind: 'succeeded' });
  return outcome;
}

const failed = (code: string, message: string | RegExp) => ({
  kind: 'failed',
  error: { code, message: expect.stringMatching(message) as string },
});

describe('an operation that misbehaves', () => {
  it.each([
    ['throwsText', 'operation_failed', /^only words$/],
    ['throwsNull', 'operation_failed', /it threw null/],
    ['rejectsUndefined', 'operation_failed', /it threw undefined/],
    ['callsExit', 'process_exit', /called process\.exit.*throw an error instead/],
    ['callsAbort', 'process_exit', /called process\.abort/],
    ['exitsInCallback', 'process_exit', /called process\.exit/],
    ['strayRejection', 'operation_failed', /left an error uncaught.*nobody waits for me/],
    ['strayException', 'operation_failed', /left an error uncaught.*loose/],
    ['cyclic', 'output_not_json', /contains itself/],
    ['bigint', 'output_not_json', /\/count is a bigint/],
    ['gigabyte', 'output_too_large', /too large/],
    ['gigabyteOfBytes', 'output_not_json', /is bytes/],
    ['endless', 'too_many_outputs', /more than 100000 outputs/],
  ])('and %s fails as %s, and nothing else happens', async (operation, code, message) => {
    expect(await runAmongOthers(operation)).toMatchObject(failed(code, message));
    expect(exits).toEqual([]);
  });

  it.each(['stuck', 'ignoresAbort'])('and is %s fails when its time is up', async (operation) => {
    const outcome = await runAmongOthers(operation, { timeoutMs: 1_000 });
    expect(outcome).toMatchObject(failed('timeout', /within 1000 ms/));
    expect(exits).toEqual([]);
  });

  it('and goes on after its end has ended as it did, and is told in the log', async () => {
    expect(await runAmongOthers('afterItsEnd')).toMatchObject({ kind: 'succeeded', outputs: ['ended'] });
    await eventually(() => expect(log).toMatch(/"operation":"afterItsEnd".*"afterItsEnd":true/));
    expect(exits).toEqual([]);
  });

  it.each(['loops', 'loopsInTimer', 'regex', 'endlessAwait'])(
    'and blocks its process (%s) fails at once, its process is replaced once',
    async (operation) => {
      log = '';
      expect(await runAmongOthers(operation)).toMatchObject({
        ...failed('component_blocked', /busy for 2000 ms without a pause/),
        retry: { kind: 'never' },
      });
      await eventually(() => expect(exits).toEqual([70]));
      expect(log).toMatch(new RegExp(`"level":"fatal".*"component":"wild","operation":"${operation}".*"runId":`));
    },
    90_000,
  );

  it('and returns a gigabyte of parts fails for its memory, for the output if it was there first, or for the time that it took', async () => {
    const outcome = await runAmongOthers('gigabyteOfParts');
    expect(outcome).toMatchObject({
      error: { code: expect.stringMatching(/^(memory_exceeded|output_too_large|component_blocked)$/) as string },
    });
  }, 90_000);

  it('and fills the memory without a pause fails for it, for the time that it took, or for having ended its processes', async () => {
    // A gigabyte a second may fill the heap of V8 before the watchdog can tell what does.
    const outcome = await runAmongOthers('hoards', { waitMs: 150_000 });
    const code = expect.stringMatching(/^(memory_exceeded|component_blocked|component_crashed)$/) as string;
    expect(outcome).toMatchObject({ kind: 'failed', error: { code } });
  }, 180_000);

  it('and leaks with pauses is found by running alone', async () => {
    expect(await runAmongOthers('leaks')).toMatchObject(failed('memory_exceeded', /\(450 MB\)/));
    expect(exits.length).toBeLessThanOrEqual(3);
  }, 90_000);
});

/** Asks for a sample while steps run; these must succeed, and the queue of questions must be empty in the end. */
async function askAmongOthers(to: string, { timeoutMs = 20_000, steps = 3, longest = 25_000 } = {}) {
  exits.length = 0;
  const work = Array.from({ length: steps }, () => stepOf(wild, 'work', { timeoutMs: 20_000 }));
  for (const step of work.slice(1)) await around.sendStep(step);
  const question = encodeRpcRequest({
    call: 'retrieveSample',
    workspaceId,
    timeoutMs,
    operation: 'asks',
    credential: null,
    config: {},
    input: { to },
    run: false,
  });
  const answering = rpc.call(rpcQueue('wild'), question, { timeoutMs: longest });
  for (const step of work.slice(0, 1)) await around.sendStep(step);
  const decoded = decodeRpcReply(await answering);
  for (const { runId } of work) expect(await resultOf(runId, longest)).toMatchObject({ kind: 'succeeded' });
  expect(await around.sessions.consuming.messageCount(rpcQueue('wild'))).toBe(0);
  if (!decoded.ok) throw new Error(decoded.reason);
  return decoded.value;
}

describe('a question that misbehaves', () => {
  const refused = (code: string, message: RegExp) => ({
    ok: false,
    error: { code, message: expect.stringMatching(message) as string },
  });
  const calm = { ok: true, value: { found: true, output: 'calm' } };

  it.each([
    ['callsExit', 'process_exit', /called process\.exit/],
    ['strayRejection', 'operation_failed', /left an error uncaught.*nobody waits for me/],
  ])('and %s is refused as %s, and nothing else happens', async (to, code, message) => {
    let reply = await askAmongOthers(to);
    // The process of the test before may have been about to end.
    while (!reply.ok && reply.error.code === 'component_restarted') reply = await askAmongOthers(to);
    expect(reply).toMatchObject(refused(code, message));
    expect(await askAmongOthers('calm')).toEqual(calm);
    expect(exits).toEqual([]);
  });

  it.each([3, 1])(
    'and blocks its process is refused for it, its process is replaced once, and none of %i steps fails',
    async (steps) => {
      log = '';
      const reply = await askAmongOthers('loops', { steps });
      expect(reply).toMatchObject(refused('component_blocked', /busy for 2000 ms without a pause/));
      await eventually(() => expect(exits).toEqual([70]));
      expect(log).toMatch(/"level":"fatal".*"component":"wild","call":"retrieveSample","operation":"asks"/);
    },
    90_000,
  );

  it('and fills the memory is answered, comes not again, and no step fails for it', async () => {
    const reply = await askAmongOthers('leaks', { steps: 1 });
    const code = expect.stringMatching(/^(memory_exceeded|component_restarted)$/) as string;
    expect(reply).toMatchObject({ ok: false, error: { code } });
    await eventually(() => expect(exits).toEqual([70]));
    expect(await askAmongOthers('calm')).toEqual(calm);
    expect(exits).toEqual([]);
  }, 90_000);
});

describe('operations that ignore their abort', () => {
  it('have the process replaced once they are half as many as may run', async () => {
    exits.length = 0;
    const steps = Array.from({ length: 12 }, () => stepOf(wild, 'ignoresAbort', { timeoutMs: 300 }));
    for (const step of steps) await around.sendStep(step);
    await eventually(() => expect(exits.at(-1)).toBe(75), { timeoutMs: 30_000 });
    expect((await runAmongOthers('work')).kind).toBe('succeeded');
  }, 90_000);

  it('count as well when they belong to questions', async () => {
    exits.length = 0;
    // No more at a time than are worked on at once: those that wait for longer than their time are not begun.
    for (const _batch of [1, 2]) {
      const answers = Array.from({ length: 8 }, () => askAmongOthers('ignoresAbort', { timeoutMs: 300, steps: 0 }));
      for (const answer of answers) expect(await answer).toMatchObject({ error: { code: 'timeout' } });
    }
    await eventually(() => expect(exits.at(-1)).toBe(75), { timeoutMs: 30_000 });
  }, 90_000);
});
