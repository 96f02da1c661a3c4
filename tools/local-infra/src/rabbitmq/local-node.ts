import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ChildExit, type OwnedChild, describeExit, startChild } from '../child.js';
import { claimFolder } from '../folder-claim.js';
import { isPortFree } from '../free-port.js';
import { type CommandResult, runCommand } from '../run-command.js';
import type { RabbitmqBinaries } from './binaries.js';
import { fastStartArguments } from './code-path.js';
import { answersAmqp, answersHttp } from './handshake.js';
import { nodeEnv } from './node-env.js';
import { type NodePorts, nodeFiles, nodeIdentity, writeNodeFiles } from './node-files.js';

const readyTimeoutMs = 90_000;
const stopTimeoutMs = 20_000;
const pollMs = 50;
const handshakeTimeoutMs = 2_000;

export interface LocalNodeOptions {
  readonly dataDir: string;
  readonly binaries: RabbitmqBinaries;
  readonly ports: NodePorts;
  readonly log?: (line: string) => void;
}

/** One run of a private node, from start to end. */
export interface LocalNodeRun {
  readonly nodeName: string;
  readonly user: string;
  readonly password: string;
  readonly pid: number;
  readonly logFile: string;
  readonly exited: Promise<ChildExit>;
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** Runs `rabbitmqctl` against the node. */
  control(args: readonly string[]): Promise<CommandResult>;
}

/**
 * Runs a node with the machine's RabbitMQ: its own name, cookie, ports, database and port mapper, so a system-wide node
 * neither sees it nor is touched. Resolves when it takes AMQP connections.
 */
export async function runLocalNode(options: LocalNodeOptions): Promise<LocalNodeRun> {
  const { binaries, ports } = options;
  const files = nodeFiles(options.dataDir);
  await mkdir(files.folder, { recursive: true, mode: 0o700 });
  const claim = await claimFolder(files.folder, options.log);
  const started: OwnedChild[] = [];
  const killAll = async (): Promise<void> => {
    for (const child of started.toReversed()) await child.kill();
    claim.release();
  };
  try {
    await checkPorts(ports);
    const identity = await nodeIdentity(files);
    await writeNodeFiles(files, identity, ports);
    const env = nodeEnv(files, identity, ports, await fastStartArguments(binaries.home, binaries.epmd));
    const shared = { env, cwd: files.folder, stopSignal: 'SIGTERM', stopTimeoutMs, claim } as const;
    // In the foreground: the one that Erlang would start by itself becomes a daemon that outlives the node.
    const epmd = await startChild({
      ...shared,
      name: 'Erlang port mapper',
      command: binaries.epmd,
      args: ['-port', String(ports.epmd), '-address', '127.0.0.1'],
      output: { file: files.epmdLog },
    });
    started.push(epmd);
    const node = await startChild({
      ...shared,
      name: 'RabbitMQ',
      command: binaries.server,
      args: [],
      output: { file: files.log },
    });
    started.push(node);
    // The node may end without being asked; its port mapper is of no use then.
    const exited = node.exited.then(async (exit) => {
      await killAll();
      return exit;
    });
    await untilReady(node, ports, identity.nodeName);
    return {
      nodeName: identity.nodeName,
      user: identity.user,
      password: identity.password,
      pid: node.pid,
      logFile: files.log,
      exited,
      stop: async () => {
        await node.stop();
        await exited;
      },
      kill: async () => {
        await node.kill();
        await exited;
      },
      control: (args) => {
        const program = join(dirname(binaries.server), 'rabbitmqctl');
        return runCommand(program, ['--node', identity.nodeName, ...args], { env, cwd: files.folder });
      },
    };
  } catch (error) {
    await killAll();
    throw error;
  }
}

async function checkPorts(ports: NodePorts): Promise<void> {
  for (const [name, port] of Object.entries(ports)) {
    if (port !== undefined && !(await isPortFree(port as number))) {
      throw new Error(`RabbitMQ cannot start: its ${name} port ${port} is in use by another process.`);
    }
  }
}

async function untilReady(node: OwnedChild, ports: NodePorts, nodeName: string): Promise<void> {
  const deadline = Date.now() + readyTimeoutMs;
  const shortName = nodeName.split('@')[0];
  for (;;) {
    const exit = node.exit();
    if (exit) throw new Error(`RabbitMQ ${describeExit(exit)} before it was ready:\n${node.logTail(30)}`);
    const amqpReady = await answersAmqp(ports.amqp, shortName, handshakeTimeoutMs);
    if (amqpReady && (ports.management === undefined || (await answersHttp(ports.management)))) return;
    if (Date.now() > deadline) {
      await node.kill();
      throw new Error(`RabbitMQ was not ready after ${readyTimeoutMs / 1000} s:\n${node.logTail(30)}`);
    }
    await sleep(pollMs);
  }
}
