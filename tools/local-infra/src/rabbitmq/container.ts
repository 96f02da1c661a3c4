import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ChildExit, describeExit, startChild } from '../child.js';
import { claimFolder } from '../folder-claim.js';
import { runCommand } from '../run-command.js';
import { answersAmqp, answersHttp } from './handshake.js';
import type { LocalNodeRun } from './local-node.js';
import { type NodeIdentity, type NodePorts, nodeFiles, nodeIdentity } from './node-files.js';

const readyTimeoutMs = 5 * 60_000;
const stopTimeoutMs = 30_000;
const pollMs = 200;
const handshakeTimeoutMs = 2_000;

/** Whether a Docker engine answers. */
export async function dockerAnswers(): Promise<boolean> {
  return (await runCommand('docker', ['info', '--format', '{{.ID}}'], { timeout: 10_000 })).ok;
}

/** The arguments of `docker` that run the broker in the foreground; the container is removed when it ends. */
export function containerArguments(identity: NodeIdentity, ports: NodePorts, envFile: string): readonly string[] {
  const name = containerName(identity);
  const management = ports.management;
  const publishManagement = management === undefined ? [] : ['--publish', `127.0.0.1:${management}:15672`];
  const image = management === undefined ? 'rabbitmq:4' : 'rabbitmq:4-management';
  const run = ['run', '--rm', '--name', name, '--hostname', name, '--volume', `${name}:/var/lib/rabbitmq`];
  return [...run, '--publish', `127.0.0.1:${ports.amqp}:5672`, ...publishManagement, '--env-file', envFile, image];
}

/** Runs the broker as a container with a private name, ports on the loopback address, and its data in a named volume. */
export async function runContainer(
  dataDir: string,
  ports: NodePorts,
  log?: (line: string) => void,
): Promise<LocalNodeRun> {
  const files = nodeFiles(dataDir);
  await mkdir(files.folder, { recursive: true, mode: 0o700 });
  const claim = await claimFolder(files.folder, log);
  try {
    const identity = await nodeIdentity(files);
    const name = containerName(identity);
    // A file, because arguments can be read by every user of the machine.
    const envFile = join(files.folder, 'container.env');
    const values = [
      `RABBITMQ_DEFAULT_USER=${identity.user}`,
      `RABBITMQ_DEFAULT_PASS=${identity.password}`,
      `RABBITMQ_NODENAME=${identity.nodeName}`,
    ];
    await writeFile(envFile, `${values.join('\n')}\n`, { mode: 0o600 });
    await runCommand('docker', ['rm', '--force', name]);
    const child = await startChild({
      name: 'RabbitMQ container',
      command: 'docker',
      args: containerArguments(identity, ports, envFile),
      env: process.env,
      cwd: files.folder,
      output: { file: files.log },
      stopSignal: 'SIGTERM',
      stopTimeoutMs,
      claim,
    });
    const exited = child.exited.then((exit) => {
      claim.release();
      return exit;
    });
    const kill = async (): Promise<void> => {
      await runCommand('docker', ['rm', '--force', name]);
      await child.kill();
      await exited;
    };
    await untilReady(child, ports, kill);
    const stop = async (): Promise<void> => {
      await child.stop();
      await runCommand('docker', ['rm', '--force', name]);
      await exited;
    };
    const { nodeName, user, password } = identity;
    const control = (args: readonly string[]) => runCommand('docker', ['exec', name, 'rabbitmqctl', ...args]);
    return { nodeName, user, password, pid: child.pid, logFile: files.log, exited, stop, kill, control };
  } catch (error) {
    claim.release();
    throw error;
  }
}

/** Removes the volume of a container that ran with this data folder. */
export async function removeContainerData(dataDir: string): Promise<void> {
  const identity = await nodeIdentity(nodeFiles(dataDir));
  await runCommand('docker', ['rm', '--force', containerName(identity)]);
  await runCommand('docker', ['volume', 'rm', '--force', containerName(identity)]);
}

function containerName(identity: NodeIdentity): string {
  return identity.nodeName.split('@')[0] as string;
}

async function untilReady(
  child: { exit(): ChildExit | undefined; logTail(lineCount?: number): string },
  ports: NodePorts,
  kill: () => Promise<void>,
): Promise<void> {
  const deadline = Date.now() + readyTimeoutMs;
  for (;;) {
    const exit = child.exit();
    if (exit)
      throw new Error(`The RabbitMQ container ${describeExit(exit)} before it was ready:\n${child.logTail(30)}`);
    const amqpReady = await answersAmqp(ports.amqp, undefined, handshakeTimeoutMs);
    if (amqpReady && (ports.management === undefined || (await answersHttp(ports.management)))) return;
    if (Date.now() > deadline) {
      await kill();
      throw new Error(`The RabbitMQ container was not ready after ${readyTimeoutMs / 1000} s:\n${child.logTail(30)}`);
    }
    await sleep(pollMs);
  }
}
