import { fileURLToPath } from 'node:url';
import { type OwnedChild, describeExit, freePort, startChild } from '@millrace/local-infra';
import { createBareDatabase } from '../bare/schema.js';
import { readyLine } from '../bare/settings.js';
import { profilerEnv, profilerModule } from '../profile/profiling.js';
import type { PreparedSide, Surroundings } from './side.js';

const stopTimeoutMs = 5_000;

/** In the order of their start: who takes requests comes last. */
const bareProcesses = ['webhook-component', 'petstore-component', 'orchestrator', 'ingest'] as const;

/** The bare pipeline: the same processes and queues without framework, validation, credentials and reconnects. */
export async function prepareBare(surroundings: Surroundings): Promise<PreparedSide> {
  const database = new URL(surroundings.adminUrl);
  database.pathname = '/bare';
  const databaseUrl = database.href;
  await createBareDatabase(surroundings.adminUrl, databaseUrl);
  return {
    name: 'bare',
    databaseUrl,
    async start(amqpUrl) {
      const port = await freePort();
      const env = {
        AMQP_URL: amqpUrl,
        DATABASE_URL: databaseUrl,
        PORT: String(port),
        PETSTORE_BASE_URL: surroundings.petstoreUrl,
        PETSTORE_KEY: surroundings.petstoreKey,
      };
      const children: OwnedChild[] = [];
      for (const name of bareProcesses) children.push(await startBare(name, env, surroundings.profileDir));
      return {
        name: 'bare',
        databaseUrl,
        hookUrl: `http://127.0.0.1:${port}/hook/bare`,
        processes: children.map(({ name, pid }) => ({ name, pid })),
        logTail: () => children.map((child) => `[${child.name}]\n${child.logTail()}`).join('\n'),
        async stop() {
          for (const child of children.toReversed()) await child.stop();
        },
      };
    },
  };
}

/** Starts one process and waits for the line that says it works. */
async function startBare(
  name: string,
  env: Record<string, string>,
  profileDir: string | undefined,
): Promise<OwnedChild> {
  const profiled = profileDir !== undefined;
  let takeReady = (): void => undefined;
  const ready = new Promise<void>((resolve) => {
    takeReady = resolve;
  });
  const child = await startChild({
    name,
    command: process.execPath,
    args: [
      '--enable-source-maps',
      ...(profiled ? ['--import', profilerModule] : []),
      fileURLToPath(new URL(`../bare/${name}.js`, import.meta.url)),
    ],
    env: { PATH: process.env['PATH'], ...env, ...(profiled ? profilerEnv(profileDir, `bare-${name}`) : {}) },
    output: { onLine: (line) => void (line === readyLine && takeReady()) },
    stopSignal: 'SIGTERM',
    stopTimeoutMs,
  });
  const ended = child.exited.then((exit) => {
    throw new Error(`The bare ${name} ${describeExit(exit)}:\n${child.logTail()}`);
  });
  ended.catch(() => undefined);
  await Promise.race([ready, ended]);
  return child;
}
