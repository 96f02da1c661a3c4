import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { removeRabbitmqData, runCommand, startRabbitmq, type RunningRabbitmq } from '@millrace/local-infra';
import { testFolderPrefix } from '@millrace/testing';
import { afterAll, beforeAll } from 'vitest';

/** A broker that a spec may kill, rob of its disk and tamper with. */
export interface PrivateBroker {
  readonly amqpUrl: string;
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Removes all that a killed broker had stored; users and passwords stay as they were. */
  loseDisk(): Promise<void>;
  /** Runs an Erlang expression in the broker. */
  evaluate(expression: string): Promise<string>;
}

const CONTROL_TOOLS = [
  '/usr/lib/rabbitmq/bin/rabbitmqctl',
  '/opt/homebrew/opt/rabbitmq/sbin/rabbitmqctl',
  '/usr/local/opt/rabbitmq/sbin/rabbitmqctl',
  '/opt/rabbitmq/sbin/rabbitmqctl',
];

/** Starts a broker for the file's tests and removes it with its data afterwards. */
export function usePrivateBroker(): PrivateBroker {
  let folder = '';
  let running: RunningRabbitmq | undefined;
  const broker = (): RunningRabbitmq => {
    if (!running) throw new Error('The broker exists only while tests run');
    return running;
  };
  const dataDir = (): string => join(folder, 'rabbitmq');

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), testFolderPrefix));
    running = await startRabbitmq({ dataDir: dataDir() });
  });
  afterAll(async () => {
    await running?.kill();
    await removeRabbitmqData(dataDir());
    await rm(folder, { recursive: true, force: true });
  });

  return {
    get amqpUrl() {
      return broker().amqpUrl;
    },
    kill: () => broker().kill(),
    start: () => broker().start(),
    loseDisk: () => rm(join(dataDir(), 'database'), { recursive: true, force: true }),
    async evaluate(expression) {
      const { pid, nodeName } = broker();
      const result = await runCommand(await controlTool(), ['-n', nodeName, 'eval', expression], {
        env: { ...process.env, ...(await environmentOf(pid)), RABBITMQ_CONF_ENV_FILE: join(folder, 'none') },
      });
      if (!result.ok) throw new Error(`rabbitmqctl eval failed: ${result.tail}`);
      return result.stdout.trim();
    },
  };
}

async function controlTool(): Promise<string> {
  for (const tool of CONTROL_TOOLS) {
    const found = await access(tool).then(
      () => true,
      () => false,
    );
    if (found) return tool;
  }
  throw new Error(`rabbitmqctl was not found in ${CONTROL_TOOLS.join(', ')}`);
}

/** The port mapper and the folder of the cookie, by which the control tool finds the node. */
async function environmentOf(pid: number | undefined): Promise<NodeJS.ProcessEnv> {
  const variables = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0').map((line) => line.split('='));
  return Object.fromEntries(variables.filter(([name]) => name === 'HOME' || name === 'ERL_EPMD_PORT'));
}
