import { aptAccess, installPackage } from '../apt-install.js';
import type { ChildExit } from '../child.js';
import { freePort } from '../free-port.js';
import { type RabbitmqBinaries, findRabbitmq } from './binaries.js';
import { dockerAnswers, runContainer } from './container.js';
import { type LocalNodeRun, runLocalNode } from './local-node.js';
import type { NodePorts } from './node-files.js';

export interface RabbitmqOptions {
  /** The folder for the node's database, secrets and logs; created when missing, reused when there. */
  readonly dataDir: string;
  /** Default: a free port. */
  readonly port?: number;
  /** Also start the management API. */
  readonly management?: boolean;
  /** Default: a free port. */
  readonly managementPort?: number;
  /** Told in words what takes time. */
  readonly log?: (line: string) => void;
}

/** A private RabbitMQ node. The handle stays valid over restarts; address and password stay the same. */
export interface RunningRabbitmq {
  /** Holds the password. */
  readonly amqpUrl: string;
  /** Address of the management API with user and password in it, when it was asked for. */
  readonly managementUrl: string | undefined;
  readonly port: number;
  readonly nodeName: string;
  readonly logFile: string;
  readonly version: string | undefined;
  readonly origin: 'machine' | 'container';
  /** The broker's pid; `undefined` while it does not run. */
  readonly pid: number | undefined;
  /** Resolves when the present run has ended, for whatever reason. */
  readonly exited: Promise<ChildExit>;
  /** Stops the node in order. Safe to call again. */
  stop(): Promise<void>;
  /** Kills the node as a crash would. */
  kill(): Promise<void>;
  /** Starts the node again on the same data and ports after `stop` or `kill`, and waits until it is ready. */
  start(): Promise<void>;
  /** Stops and starts. */
  restart(): Promise<void>;
  /** Runs `rabbitmqctl` against the node and resolves with what it printed. @throws Error with its last lines. */
  control(...args: string[]): Promise<string>;
}

/**
 * Starts a private RabbitMQ on 127.0.0.1 and waits until it takes AMQP connections: with the machine's RabbitMQ, else
 * with one installed by apt where that is possible, else in a container.
 * @throws FolderInUseError when a live process uses the data; Error with the last log lines when it does not start.
 */
export async function startRabbitmq(options: RabbitmqOptions): Promise<RunningRabbitmq> {
  const source = await findSource(options.log);
  const ports: NodePorts = {
    amqp: options.port ?? (await freePort()),
    distribution: await freePort(),
    epmd: await freePort(),
    management: options.management ? (options.managementPort ?? (await freePort())) : undefined,
  };
  const log = options.log === undefined ? {} : { log: options.log };
  const run = (): Promise<LocalNodeRun> =>
    source === 'container'
      ? runContainer(options.dataDir, ports, options.log)
      : runLocalNode({ dataDir: options.dataDir, binaries: source, ports, ...log });

  let current = await run();
  let exited = watch();
  let running = true;
  function watch(): Promise<ChildExit> {
    return current.exited.then((exit) => {
      running = false;
      return exit;
    });
  }
  const { user, password, nodeName, logFile } = current;
  const handle: RunningRabbitmq = {
    amqpUrl: `amqp://${user}:${password}@127.0.0.1:${ports.amqp}`,
    managementUrl:
      ports.management === undefined ? undefined : `http://${user}:${password}@127.0.0.1:${ports.management}`,
    port: ports.amqp,
    nodeName,
    logFile,
    version: source === 'container' ? '4' : source.version,
    origin: source === 'container' ? 'container' : 'machine',
    get pid() {
      return running ? current.pid : undefined;
    },
    get exited() {
      return exited;
    },
    async stop() {
      await current.stop();
      await exited;
    },
    async kill() {
      await current.kill();
      await exited;
    },
    async start() {
      if (running) return;
      current = await run();
      running = true;
      exited = watch();
    },
    async restart() {
      await handle.stop();
      await handle.start();
    },
    async control(...args) {
      const result = await current.control(args);
      if (!result.ok) throw new Error(`rabbitmqctl ${args[0] ?? ''} failed:\n${result.tail}`);
      return result.stdout.trim();
    },
  };
  return handle;
}

async function findSource(log?: (line: string) => void): Promise<RabbitmqBinaries | 'container'> {
  const binaries = await findRabbitmq();
  if (binaries) return binaries;
  const access = await aptAccess();
  let aptFailure = '';
  if (access) {
    try {
      await installPackage('rabbitmq-server', access, log);
      const installed = await findRabbitmq();
      if (installed) return installed;
    } catch (error) {
      aptFailure = `\n${(error as Error).message}`;
    }
  }
  if (await dockerAnswers()) {
    log?.('starting RabbitMQ in a container (the first time its image is loaded)');
    return 'container';
  }
  throw new Error(
    'RabbitMQ is needed and was not found. One of these helps: install `rabbitmq-server` (Debian, Ubuntu: ' +
      '`apt-get install rabbitmq-server`, done by itself when this runs as root or with sudo; macOS: ' +
      '`brew install rabbitmq`); start a Docker engine, and a container is used; or set AMQP_URL to a running ' +
      `broker.${aptFailure}`,
  );
}
