import type { FolderClaim } from '@millrace/local-infra';
import { mergedLog } from '../output/merged-log.js';
import { paint, seconds, step } from '../output/progress.js';
import { choosePorts, portNotes } from '../stack/choose-ports.js';
import { type Stack, launchServices } from '../stack/launch-services.js';
import { defaultPorts, serviceNames, stackUrls } from '../stack/service-list.js';
import { type DataFolder, type DevFile, loadSecrets, loadState, writeJson } from './data-folder.js';
import { type FirstFlow, firstFlow } from './first-flow.js';
import { type Infrastructure, startInfrastructure } from './infrastructure.js';
import { summary } from './summary.js';
import { supervise } from './supervise.js';

/**
 * Starts everything, follows the log until `stopping` is aborted or a broker of ours is lost, and stops everything:
 * services first, so that they drain, then what they need. Resolves with the exit code.
 */
export async function startMillrace(files: DataFolder, claim: FolderClaim, stopping: AbortSignal): Promise<number> {
  const log = mergedLog(serviceNames);
  const ends: (() => unknown)[] = [];
  let exitCode = 0;
  try {
    const secrets = await loadSecrets(files);
    const earlier = await loadState(files);
    const infrastructure = await startInfrastructure(files, secrets, earlier);
    const own = [infrastructure.postgres && 'Postgres', infrastructure.rabbitmq && 'RabbitMQ'].filter(Boolean);
    if (own.length > 0) ends.push(() => ending(own.join(' and '), () => infrastructure.stop()));
    stopping.throwIfAborted();

    const ports = await choosePorts(defaultPorts, earlier.ports);
    for (const note of portNotes(ports)) console.log(paint('yellow', `  ${note}`));
    let state = { ...earlier, ...infrastructure.state, ports };
    await writeJson(files.state, state);
    const stack = await launchServices({
      databaseUrl: infrastructure.databaseUrl,
      amqpUrl: infrastructure.amqpUrl,
      masterKey: Buffer.from(process.env['MASTER_KEY'] ?? secrets.masterKey, 'base64'),
      ports,
      logLevel: process.env['LOG_LEVEL'] ?? 'info',
      claim,
      onLine: (name, line) => log.line(name, line),
    });
    ends.push(() => ending('services', () => stack.stop()));
    await step(`services ready (${stack.services.length})`, () => untilHealthy(stack, stopping));
    for (const one of stack.services) ends.push(supervise(one, (text) => log.remark(one.name, text)));

    const urls = stackUrls(ports);
    const first = await step('tutorial flow', async ({ title }) => {
      const found = await firstFlow(urls, secrets, state.tutorialFlowId);
      title(flowTitle(found));
      return found;
    });
    if (first.outcome === 'ready') state = { ...state, tutorialFlowId: first.flow.id };
    await writeJson(files.state, state);
    const dev: DevFile = {
      apiUrl: urls.api,
      hookUrl: urls.hook,
      consoleUrl: urls.api,
      sandboxUrl: urls.sandbox,
      adminEmail: secrets.adminEmail,
      adminPassword: secrets.adminPassword,
      ...(infrastructure.postgres ? { databaseUrl: infrastructure.databaseUrl } : {}),
      ...(infrastructure.rabbitmq ? { amqpUrl: infrastructure.amqpUrl } : {}),
    };
    await writeJson(files.dev, dev);
    console.log(summary(urls, secrets, first));
    console.log(paint('dim', `  Up after ${seconds(process.uptime() * 1000)}. The log follows.`));
    log.open();
    exitCode = await untilStopped(infrastructure, stopping);
  } catch (error) {
    if (!stopping.aborted) {
      exitCode = 1;
      console.error(paint('red', error instanceof Error ? error.message : String(error)));
    }
  }
  if (stopping.aborted) console.log('\nStopping …');
  for (const end of ends.toReversed()) await end();
  console.log(exitCode === 0 ? 'Everything is stopped.' : 'Stopped after a failure.');
  return exitCode;
}

function flowTitle(first: FirstFlow): string {
  switch (first.outcome) {
    case 'ready':
      return first.created ? 'tutorial flow created and started' : 'tutorial flow is there';
    case 'removed':
      return 'tutorial flow was deleted earlier';
    case 'otherAdministrator':
      return 'no tutorial flow: this database has an administrator of its own';
  }
}

function ending(what: string, stop: () => Promise<void>): Promise<void> {
  return step(`stopping ${what}`, async ({ title }) => {
    await stop();
    title(`${what} stopped`);
  });
}

async function untilHealthy(stack: Stack, stopping: AbortSignal): Promise<void> {
  const aborted = new Promise<never>((_resolve, reject) => {
    stopping.addEventListener('abort', () => reject(new Error('Stopped while the services were starting.')));
  });
  await Promise.race([stack.waitHealthy(), aborted]);
}

/** Services wait for a broker that is away, but one that was ours does not come back by itself. */
async function untilStopped(infrastructure: Infrastructure, stopping: AbortSignal): Promise<number> {
  const stopped = new Promise<number>((resolve) => {
    if (stopping.aborted) resolve(0);
    stopping.addEventListener('abort', () => resolve(0));
  });
  let firstLost: string | undefined;
  const lost = Object.entries({ Postgres: infrastructure.postgres, RabbitMQ: infrastructure.rabbitmq }).map(
    async ([name, one]) => {
      if (!one) return stopped;
      await one.exited;
      // What ends after it was stopped because of the first one.
      firstLost ??= name;
      if (!stopping.aborted && firstLost === name) {
        console.error(paint('red', `${name} ended by itself; its log is ${one.logFile}. Everything is stopped.`));
      }
      return 1;
    },
  );
  return Promise.race([stopped, ...lost]);
}
