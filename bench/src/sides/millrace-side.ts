import { createHmac, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ApiClient,
  type CreatedFlow,
  type LaunchOptions,
  type ServiceName,
  type Stack,
  bootstrapWorkspace,
  choosePorts,
  createCredential,
  createRunningFlow,
  createTutorialFlow,
  launchServices,
  migrateDatabase,
  signIn,
} from '@millrace/dev';
import { petstoreKey } from '../target/start-target.js';
import { profilerEnv, profilerModule } from '../profile/profiling.js';
import type { PreparedSide, RunningSide, Sign, Surroundings } from './side.js';

const email = 'bench@example.com';
const announceTimeoutMs = 10_000;
const announcePollMs = 100;
/** The Petstore API is the bench's own. */
const services: readonly ServiceName[] = [
  'component-webhook',
  'component-petstore',
  'orchestrator',
  'webhooks-service',
];

/**
 * The built services of Millrace with the flow of the tutorial, made through the public API. The control plane runs
 * only meanwhile.
 */
export async function prepareMillrace(surroundings: Surroundings): Promise<PreparedSide> {
  const database = new URL(surroundings.adminUrl);
  database.pathname = '/millrace';
  const databaseUrl = database.href;
  const password = randomBytes(18).toString('base64url');
  await migrateDatabase(databaseUrl);
  await bootstrapWorkspace({ databaseUrl, email, password });

  const settings: Omit<LaunchOptions, 'amqpUrl'> = {
    databaseUrl,
    masterKey: randomBytes(32),
    ports: await choosePorts(),
    extraEnv: extraEnv(surroundings),
  };
  const launch = async (amqpUrl: string, names: readonly ServiceName[]): Promise<Stack> => {
    const stack = await launchServices({ ...settings, amqpUrl, services: names });
    await stack.waitHealthy();
    return stack;
  };

  const setUp = await launch(surroundings.amqpUrl, [...services, 'api']);
  let flows: Flows;
  try {
    const api = await signIn(setUp.urls.api, email, password);
    await componentsAnnounced(api);
    flows = await makeFlows(api);
  } catch (error) {
    throw new Error(`The tutorial flow could not be made.\n${logTail(setUp)}`, { cause: error });
  } finally {
    await setUp.stop();
  }

  return {
    name: 'millrace',
    databaseUrl,
    async start(amqpUrl) {
      const stack = await launch(amqpUrl, services);
      return running(stack, databaseUrl, flows);
    },
  };
}

interface Flows {
  readonly plain: string;
  readonly signed: string;
  readonly sign: Sign;
  readonly tenSteps: string;
  /** A trigger alone. */
  readonly files: string;
}

async function makeFlows(api: ApiClient): Promise<Flows> {
  const plain = await createTutorialFlow(api);
  const secret = randomBytes(24).toString('base64url');
  const fields = { type: 'hmac', secret };
  const signed = await createTutorialFlow(api, { webhookFields: fields });
  const open = await createCredential(api, { component: 'webhook', name: 'Files', fields: { type: 'none' } });
  const files = await createRunningFlow(api, {
    name: 'Files',
    draft: { steps: [{ id: 'step_1', component: 'webhook', operation: 'receive', credentialId: open }], edges: [] },
  });
  const tenSteps = await createTenSteps(api, open);
  const sign: Sign = (body) => ({ 'x-millrace-signature': createHmac('sha256', secret).update(body).digest('hex') });
  return { plain: plain.id, signed: signed.id, sign, tenSteps: tenSteps.id, files: files.id };
}

async function createTenSteps(api: ApiClient, open: string): Promise<CreatedFlow> {
  const key = await createCredential(api, { component: 'petstore', name: 'Target', fields: { apiKey: petstoreKey } });
  const trigger = { id: 'step_1', component: 'webhook', operation: 'receive', credentialId: open, config: {} };
  const pets = Array.from({ length: 9 }, (_, at) => ({
    id: `step_${at + 2}`,
    component: 'petstore',
    operation: 'createPet',
    credentialId: key,
    config: {},
    mapping: at < 8 ? { name: "'between'", status: "'sold'" } : { name: '$steps.step_1.petname', status: 'status' },
  }));
  const edges = pets.map(({ id }, at) => ({ from: `step_${at + 1}`, to: id }));
  return createRunningFlow(api, { name: 'Ten steps', draft: { steps: [trigger, ...pets], edges } });
}

/** Components announce themselves over the broker after they have started; a flow can use them from then on. */
async function componentsAnnounced(api: ApiClient): Promise<void> {
  const deadline = performance.now() + announceTimeoutMs;
  for (;;) {
    const { items } = await api.get<{ items: { name: string }[] }>('/v1/components');
    const missing = ['webhook', 'petstore'].filter((name) => !items.some((item) => item.name === name));
    if (missing.length === 0) return;
    if (performance.now() > deadline)
      throw new Error(`The components ${missing.join(', ')} did not announce themselves.`);
    await sleep(announcePollMs);
  }
}

function running(stack: Stack, databaseUrl: string, flows: Flows): RunningSide {
  const ingest = stack.service('webhooks-service');
  const urlOf = (flowId: string): string => `${ingest.url}/hook/${flowId}`;
  if (ingest.pid === undefined) throw new Error('The webhooks service does not run.');
  return {
    name: 'millrace',
    databaseUrl,
    hookUrl: urlOf(flows.plain),
    extras: {
      signed: { hookUrl: urlOf(flows.signed), sign: flows.sign },
      flowId: flows.plain,
      tenStepsFlowId: flows.tenSteps,
      filesUrl: urlOf(flows.files),
      ingestPid: ingest.pid,
    },
    processes: stack.services.map(({ name, pid }) => {
      if (pid === undefined) throw new Error(`${name} does not run.`);
      return { name, pid };
    }),
    logTail: () => logTail(stack),
    stop: () => stack.stop(),
  };
}

function extraEnv({ petstoreUrl, profileDir }: Surroundings): NonNullable<LaunchOptions['extraEnv']> {
  const profiled = (name: ServiceName): Record<string, string> =>
    profileDir === undefined
      ? {}
      : { NODE_OPTIONS: `--import ${profilerModule}`, ...profilerEnv(profileDir, `millrace-${name}`) };
  return {
    ...Object.fromEntries(services.map((name) => [name, profiled(name)])),
    'component-petstore': { ...profiled('component-petstore'), PETSTORE_BASE_URL: petstoreUrl },
  };
}

function logTail(stack: Stack): string {
  return stack.services.map(({ name, lines }) => `[${name}]\n${lines.slice(-15).join('\n')}`).join('\n');
}
