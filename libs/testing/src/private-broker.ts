import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningRabbitmq, removeRabbitmqData, startRabbitmq } from '@millrace/local-infra';
import { afterAll, beforeAll } from 'vitest';
import { testFolderPrefix } from './test-folders.js';

const startTimeoutMs = 120_000;

/** A broker that a spec may stop, kill, rob of its disk and tamper with. Its address stays the same throughout. */
export interface PrivateBroker {
  readonly amqpUrl: string;
  readonly pid: number | undefined;
  stop(): Promise<void>;
  kill(): Promise<void>;
  start(): Promise<void>;
  restart(): Promise<void>;
  /** Removes all that a stopped or killed broker had stored; user and password stay as they were. */
  loseDisk(): Promise<void>;
  /** Runs an Erlang expression in the broker and resolves with its value as text. */
  evaluate(expression: string): Promise<string>;
}

/** Starts a broker for the tests of the file and removes it with its data after them. */
export function usePrivateBroker(): PrivateBroker {
  let folder = '';
  let running: RunningRabbitmq | undefined;
  const dataDir = (): string => join(folder, 'rabbitmq');
  const broker = (): RunningRabbitmq => {
    if (!running) throw new Error('The broker exists only while tests run.');
    return running;
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), testFolderPrefix));
    running = await startRabbitmq({ dataDir: dataDir() });
  }, startTimeoutMs);
  afterAll(async () => {
    await running?.kill();
    if (folder === '') return;
    await removeRabbitmqData(dataDir());
    await rm(folder, { recursive: true, force: true });
  });
  return {
    get amqpUrl() {
      return broker().amqpUrl;
    },
    get pid() {
      return broker().pid;
    },
    stop: () => broker().stop(),
    kill: () => broker().kill(),
    start: () => broker().start(),
    restart: () => broker().restart(),
    loseDisk: () => rm(join(dataDir(), 'database'), { recursive: true, force: true }),
    evaluate: (expression) => broker().control('eval', expression),
  };
}
