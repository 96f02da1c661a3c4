import { createHash } from 'node:crypto';
import { consume, createParker, createPublisher, DONE, openSessions } from '@millrace/amqp';
import { startComponent, type RunningComponent } from '@millrace/component-runtime';
import { action, defineComponent, file, TerminalError } from '@millrace/component-sdk';
import {
  coreTopology,
  decodeResultMessage,
  encodeStepMessage,
  type FileReference,
  type Json,
  newId,
  queues,
  type ResultMessage,
  rootPath,
  stepMessageId,
  stepQueue,
  type StepId,
} from '@millrace/contracts';
import { deriveComponentKey } from '@millrace/credentials';
import { eventually, seedFlow } from '@millrace/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { silent, useApi } from '../../test/api.fixture.js';
import { beginRun } from '../../test/runs.fixture.js';

const test = useApi({ MAX_FILE_BYTES: '3000000' });

const pieceBytes = 64 * 1024;

const copier = defineComponent({
  name: 'copier',
  title: 'Copier',
  version: '1.0.0',
  actions: {
    make: action({
      title: 'Make a file',
      input: z.object({ pieces: z.number() }),
      output: file(),
      run: ({ input, files }) =>
        files.create({ name: 'Größe.bin', contentType: 'application/x-noise' }, noise(input.pieces)),
    }),
    broken: action({
      title: 'Make a file of a source that breaks',
      input: z.object({}),
      output: file(),
      run: ({ files }) => files.create({ name: 'n'.repeat(5_000), contentType: '' }, breaking()),
    }),
    fail: action({
      title: 'Make two files and fail',
      input: z.object({}),
      output: file(),
      run: async ({ files, logger }) => {
        for (const name of ['a', 'b']) {
          const { id } = await files.create({ name, contentType: 'text/plain' }, name);
          logger.info(id);
        }
        throw new Error('changed my mind');
      },
    }),
    hash: action({
      title: 'Hash a file',
      input: z.object({ from: file() }),
      output: z.object({ size: z.number(), sha256: z.string() }),
      run: async ({ input, files }) => {
        const { size, content } = await files.open(input.from);
        const hash = createHash('sha256');
        for await (const chunk of content as AsyncIterable<Buffer>) hash.update(chunk);
        return { size, sha256: hash.digest('hex') };
      },
    }),
    copy: action({
      title: 'Copy a file',
      input: z.object({ from: file() }),
      output: file(),
      run: async ({ input, files }) =>
        files.create({ name: 'copy', contentType: '' }, (await files.open(input.from)).content),
    }),
  },
});

async function* noise(pieces: number): AsyncGenerator<Buffer> {
  for (let i = 0; i < pieces; i += 1) yield Buffer.alloc(pieceBytes, i);
}

async function* breaking(): AsyncGenerator<Buffer> {
  yield* noise(3);
  throw new TerminalError('The source is no picture', { code: 'no_picture' });
}

let component: RunningComponent;
let sessions: ReturnType<typeof openSessions>;
let publisher: ReturnType<typeof createPublisher>;
let consumer: ReturnType<typeof consume>;
const results: ResultMessage[] = [];

beforeAll(async () => {
  sessions = openSessions({ url: test.amqpUrl, name: 'spec', topology: coreTopology, logger: silent });
  publisher = createPublisher(sessions.publishing, { logger: silent });
  consumer = consume(sessions.consuming, {
    queue: queues.results,
    prefetch: 10,
    logger: silent,
    park: createParker(publisher),
    handle: (delivery) => {
      const decoded = decodeResultMessage(delivery.body);
      if (decoded.ok) results.push(decoded.value);
      return Promise.resolve(DONE);
    },
  });
  await consumer.started;
  component = await startComponent({
    component: copier,
    env: {
      HEALTH_PORT: '0',
      AMQP_URL: test.amqpUrl,
      API_URL: `http://127.0.0.1:${test.api.port}`,
      CREDENTIAL_KEY: deriveComponentKey(test.masterKey, 'copier').toString('base64'),
    },
    logger: silent,
  });
  await component.subscribed();
});

afterAll(async () => {
  await component.close();
  await consumer.close();
  await publisher.close();
  await sessions.close();
});

/** Runs a step as the orchestrator would: its row is there before its message is sent. */
async function step(operation: string, input: Json, workspaceId = newId<never>()): Promise<ResultMessage> {
  const draft = { steps: [{ id: 'step_1', component: 'copier', operation }], edges: [] };
  const flow = await seedFlow(test.database, draft, { workspaceId });
  const runId = await beginRun(test.database, flow);
  const message = {
    ...flow,
    runId,
    stepId: 'step_1' as StepId,
    path: rootPath,
    attempt: 1,
    component: 'copier',
    operation,
    config: {},
    input,
    credential: null,
    snapshot: null,
    timeoutMs: 20_000,
    carry: { steps: {} },
  };
  await publisher.publish({
    exchange: '',
    routingKey: stepQueue('copier'),
    body: encodeStepMessage(message),
    messageId: stepMessageId(message),
  });
  return eventually(
    () => {
      const found = results.find((result) => result.runId === runId);
      if (!found) throw new Error('no result yet');
      return found;
    },
    { timeoutMs: 20_000 },
  );
}

function outputOf({ outcome }: ResultMessage): Json {
  if (outcome.kind !== 'succeeded') throw new Error(JSON.stringify(outcome));
  return outcome.outputs[0] ?? null;
}

describe('files of steps', () => {
  it('go from one step to the next as references, their bytes as streams', async () => {
    const workspaceId = newId<never>();
    const made = outputOf(await step('make', { pieces: 40 }, workspaceId)) as unknown as FileReference;
    expect(made).toMatchObject({ name: 'Größe.bin', contentType: 'application/x-noise', size: 40 * pieceBytes });
    const copied = outputOf(await step('copy', { from: { ...made } }, workspaceId));
    const hash = createHash('sha256');
    for await (const piece of noise(40)) hash.update(piece);
    expect(outputOf(await step('hash', { from: copied }, workspaceId))).toEqual({
      size: 40 * pieceBytes,
      sha256: hash.digest('hex'),
    });
  });

  it('are opened by their id alone: an address in the reference is never called', async () => {
    const workspaceId = newId<never>();
    const made = outputOf(await step('make', { pieces: 1 }, workspaceId)) as unknown as FileReference;
    const from = { ...made, url: 'http://169.254.169.254/latest/meta-data' };
    expect(outputOf(await step('hash', { from }, workspaceId))).toMatchObject({ size: pieceBytes });
    const { outcome } = await step('hash', { from: { ...from, id: newId() } }, workspaceId);
    expect(outcome).toMatchObject({
      kind: 'failed',
      error: { code: 'file_missing', message: 'File "Größe.bin" cannot be read: there is no such file any more' },
      retry: { kind: 'never' },
    });
  });

  it('are not for steps of another workspace', async () => {
    const made = outputOf(await step('make', { pieces: 1 }));
    expect((await step('hash', { from: made })).outcome).toMatchObject({ error: { code: 'file_missing' } });
  });

  it('that are too large end the step with what the operator can do', async () => {
    const { outcome } = await step('make', { pieces: 60 });
    expect(outcome).toMatchObject({
      kind: 'failed',
      error: {
        code: 'file_too_large',
        message:
          'File "Größe.bin" cannot be stored: A file has at most 3000000 bytes; the operator can allow more with MAX_FILE_BYTES.',
      },
      retry: { kind: 'never' },
    });
  });

  it('that a failed attempt made go with it', async () => {
    const { outcome, logs, runId } = await step('fail', {});
    expect(outcome).toMatchObject({ kind: 'failed', error: { message: 'changed my mind' } });
    expect(logs).toHaveLength(2);
    const rows: unknown = await test.database.dataSource.query('select id from attachment where run_id = $1', [runId]);
    expect(rows).toEqual([]);
  });

  it('fail with what their source failed of, and leave nothing behind', async () => {
    const { outcome, runId } = await step('broken', {});
    expect(outcome).toMatchObject({ error: { code: 'no_picture', message: 'The source is no picture' } });
    await eventually(async () => {
      const rows: unknown = await test.database.dataSource.query('select id from attachment where run_id = $1', [
        runId,
      ]);
      expect(rows).toEqual([]);
    });
  });
});
