import { randomBytes } from 'node:crypto';
import {
  type ServiceName,
  type ServicePorts,
  bootstrapWorkspace,
  choosePorts,
  migrateDatabase,
  service,
  serviceEntry,
  serviceEnv,
} from '@millrace/dev';
import { freePort } from '@millrace/local-infra';
import { cuttingProxy } from '@millrace/testing';
import type { Random } from '../random.js';
import { type Target, startTarget } from '../target/start-target.js';
import { type Instance, type Role, instanceOf } from './instance.js';
import { type Servers, startServers } from './servers.js';

/** How many of each run. The sandbox stands for an outside system that keeps its pets in memory. */
const replicas: Readonly<Record<Role, number>> = {
  sandbox: 1,
  'component-webhook': 2,
  'component-petstore': 2,
  'component-timer': 1,
  'component-core': 1,
  'component-http': 1,
  'component-twitter': 1,
  'component-probe': 2,
  orchestrator: 2,
  api: 1,
  'webhooks-service': 2,
};

const usesDatabase: ReadonlySet<Role> = new Set(['orchestrator', 'api', 'webhooks-service']);

/**
 * What is lost is dispatched again soon enough for a test that is waited for, and not before a machine that is busy with
 * starting processes has come to what is only late. Whoever is frozen is so for longer.
 */
const reconcileEveryMs = 1_000;
export const overdueGraceMs = 20_000;

/** All of Millrace, most of it twice, with everything that it stands on. */
export interface ChaosStack {
  readonly servers: Servers;
  readonly target: Target;
  readonly instances: readonly Instance[];
  readonly administrator: { readonly email: string; readonly password: string };
  readonly apiUrl: string;
  readonly sandboxUrl: string;
  /** @throws Error when there is none of that name. */
  instance(name: string): Instance;
  /** Every instance healthy, or told why not. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts everything from what has been built, and resolves when all of it is ready. */
export async function startChaosStack(random: Random): Promise<ChaosStack> {
  const undo: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const act of undo.splice(0).toReversed()) await act();
  };
  try {
    const servers = await startServers();
    undo.push(() => servers.stop());
    await migrateDatabase(servers.databaseUrl);
    const administrator = { email: 'chaos@example.com', password: randomBytes(18).toString('base64url') };
    await bootstrapWorkspace({ databaseUrl: servers.databaseUrl, ...administrator });

    const ports = await choosePorts();
    const sandboxUrl = `http://127.0.0.1:${ports.sandbox}`;
    const target = await startTarget({ sandboxUrl, port: await freePort(), random });
    undo.push(() => target.close());
    const parts: Parts = { servers, ports, targetUrl: target.url, masterKey: randomBytes(32), undo };
    const instances: Instance[] = [];
    // Stopped in the order of the work: first what takes it in, last what others call.
    undo.push(async () => {
      for (const one of instances.toReversed()) if (one.role === 'webhooks-service') await one.stop();
      await Promise.all(instances.map((one) => one.stop()));
    });
    for (const [role, count] of Object.entries(replicas) as [Role, number][]) {
      for (let number = 1; number <= count; number += 1) instances.push(await makeInstance(role, number, parts));
    }
    await Promise.all(instances.map((one) => one.start()));
    await Promise.all(instances.map((one) => one.service.waitHealthy()));
    return {
      servers,
      target,
      instances,
      administrator,
      apiUrl: `http://127.0.0.1:${ports.api}`,
      sandboxUrl,
      instance(name) {
        const found = instances.find((one) => one.name === name);
        if (!found) throw new Error(`There is no process ${name}.`);
        return found;
      },
      settle: async () => void (await Promise.all(instances.map((one) => one.settle()))),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Parts {
  readonly servers: Servers;
  /** Of the first of each role. */
  readonly ports: ServicePorts;
  readonly targetUrl: string;
  readonly masterKey: Buffer;
  readonly undo: (() => Promise<unknown>)[];
}

async function makeInstance(role: Role, number: number, parts: Parts): Promise<Instance> {
  const { servers, ports, undo } = parts;
  const name = replicas[role] === 1 ? role : `${role}-${number}`;
  const port = number === 1 && role !== 'component-probe' ? ports[role] : await freePort();
  const brokerWay = role === 'sandbox' ? undefined : await cuttingProxy(servers.broker.amqpUrl);
  const databaseWay = usesDatabase.has(role) ? await cuttingProxy(servers.databaseUrl) : undefined;
  for (const way of [brokerWay, databaseWay]) if (way) undo.unshift(() => way.close());
  const started = service({
    name,
    entry: role === 'component-probe' ? 'chaos/dist/component/main.js' : serviceEntry(role),
    port,
    env: {
      ...environmentOf(role, parts, port),
      ...(brokerWay ? { AMQP_URL: brokerWay.through(servers.broker.amqpUrl) } : {}),
      ...(databaseWay ? { DATABASE_URL: databaseWay.through(servers.databaseUrl) } : {}),
    },
  });
  return instanceOf({
    name,
    role,
    service: started,
    ...(brokerWay ? { brokerWay } : {}),
    ...(databaseWay ? { databaseWay } : {}),
  });
}

function environmentOf(role: Role, { servers, ports, targetUrl, masterKey }: Parts, port: number) {
  if (role === 'component-probe') {
    return { LOG_LEVEL: 'info', HEALTH_PORT: String(port), CHAOS_TARGET_URL: targetUrl };
  }
  const settings = {
    databaseUrl: servers.databaseUrl,
    amqpUrl: servers.broker.amqpUrl,
    masterKey,
    ports: { ...ports, [role]: port },
  };
  return { ...serviceEnv(role, settings), ...extra(role, ports, targetUrl) };
}

function extra(role: ServiceName, ports: ServicePorts, targetUrl: string): Record<string, string> {
  switch (role) {
    case 'orchestrator':
      return { RECONCILE_EVERY_MS: String(reconcileEveryMs), OVERDUE_GRACE_MS: String(overdueGraceMs) };
    case 'component-petstore':
      return { PETSTORE_BASE_URL: `${targetUrl}/petstore/v2` };
    case 'webhooks-service':
      // Whichever takes a file in, its address is the same.
      return { HOOK_URL: `http://127.0.0.1:${ports['webhooks-service']}` };
    default:
      return {};
  }
}
