import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPublisher, openSessions, type Publisher } from '@millrace/amqp';
import { coreTopology } from '@millrace/contracts';
import { createCredential, createRunningFlow, type CreatedFlow, type Service, type ServiceName } from '@millrace/dev';
import { createLogger } from '@millrace/observability';
import { openDatabase, type Database } from '@millrace/persistence';
import { runStack, type RunningStack } from '../support/running-stack.js';
import { startFlakyPetstore, type FlakyPetstore } from './flaky-petstore.js';

const logger = createLogger({ service: 'spec', level: 'silent' });

/** One flow of each kind that a crash point needs. */
export interface Flows {
  /** Its pet is named after the run. */
  plain: CreatedFlow;
  /** Two pets of a run, one of each status. */
  branching: CreatedFlow;
  replying: CreatedFlow;
  /** Its requests with the same `key` are one. */
  deduplicating: CreatedFlow;
  /** Splits a list, and gathers it again before its pet. */
  gathering: CreatedFlow;
  /** Two of its runs go on at a time. */
  limited: CreatedFlow;
  /** Waits for as many calls of a resume URL as `callsOfWaiting`, each of which is followed by a step. */
  waiting: CreatedFlow;
  /** Its step is tried once only. */
  fragile: CreatedFlow;
  /** Looks for pets that are there, once an hour; it is not started. */
  polled: Pick<CreatedFlow, 'id'>;
}

export const callsOfWaiting = 2;

/** All processes of Millrace, flows that run on them, and ways to look behind them. */
export interface World extends RunningStack {
  flows: Flows;
  petstore: FlakyPetstore;
  database: Database;
  publisher: Publisher;
  /** Ids of messages that nobody can read and that must be parked. */
  garbled: Set<string>;
  messageCount(queue: string): Promise<number>;
  service(name: ServiceName): Service;
  /** Tells a process where to kill itself, `<point>:<n>`; nowhere when it is empty. */
  crashAt(name: ServiceName, order: string): Promise<void>;
  /** Another flow like one, that runs. */
  copyOf(flow: CreatedFlow): Promise<CreatedFlow>;
}

export async function makeWorld(): Promise<World> {
  const petstore = await startFlakyPetstore();
  const folder = await mkdtemp(join(tmpdir(), 'millrace-crash-points-'));
  const orderOf = (name: ServiceName): string => join(folder, name);
  const running = await runStack({
    orchestrator: { RECONCILE_EVERY_MS: '500', OVERDUE_GRACE_MS: '1000', CRASH_FILE: orderOf('orchestrator') },
    'component-petstore': { PETSTORE_BASE_URL: petstore.url, CRASH_FILE: orderOf('component-petstore') },
    'webhooks-service': { CRASH_FILE: orderOf('webhooks-service') },
    api: { CRASH_FILE: orderOf('api') },
  });
  petstore.target = running.stack.urls.sandbox;
  const database = await openDatabase({ url: running.databaseUrl, applicationName: 'spec' });
  const sessions = openSessions({ url: running.broker.amqpUrl, name: 'spec', topology: coreTopology, logger });
  const publisher = createPublisher(sessions.publishing, { logger });
  return {
    ...running,
    petstore,
    database,
    publisher,
    garbled: new Set(),
    flows: await makeFlows(running),
    messageCount: async (queue) => (await sessions.publishing.messageCount(queue)) ?? 0,
    service: (name) => running.stack.service(name),
    crashAt: (name, order) => writeFile(orderOf(name), order),
    async copyOf({ id }) {
      const copy = await running.api.post<CreatedFlow>(`/v1/flows/${id}/copy`);
      await running.api.post(`/v1/flows/${copy.id}/publish`);
      await running.api.post(`/v1/flows/${copy.id}/start`);
      return copy;
    },
    async stop() {
      await publisher.close();
      await sessions.close();
      await database.close();
      await running.stop();
      await petstore.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function makeFlows(running: RunningStack): Promise<Flows> {
  const { api } = running;
  const open = await createCredential(api, { component: 'webhook', name: 'Open', fields: { type: 'none' } });
  const key = await createCredential(api, { component: 'petstore', name: 'Pets', fields: { apiKey: 'secret' } });
  const receive = (config = {}) => ({
    id: 'step_1',
    component: 'webhook',
    operation: 'receive',
    credentialId: open,
    config,
  });
  const createPet = (id: string, status = 'sold') => ({
    id,
    component: 'petstore',
    operation: 'createPet',
    credentialId: key,
    mapping: { name: '$run.id', status: `"${status}"` },
    retry: { maxAttempts: 5, initialDelayMs: 200, maxDelayMs: 400 },
    // A message counts as lost when this has passed twice.
    timeoutMs: 5_000,
  });
  const wait = {
    id: 'waiting',
    component: 'webhook',
    operation: 'wait',
    config: { uses: 'repeated', maxCalls: callsOfWaiting },
  };
  const below = (from: string, ...to: string[]) => to.map((step) => ({ from, to: step }));
  const make = (name: string, steps: object[], edges: object[], settings: object = {}) => {
    const draft = { steps, edges, settings };
    return createRunningFlow(api, { name, draft });
  };
  return {
    plain: await make('Plain', [receive(), createPet('step_2')], below('step_1', 'step_2')),
    branching: await make(
      'Branching',
      [receive(), createPet('step_2'), createPet('step_3', 'pending')],
      below('step_1', 'step_2', 'step_3'),
    ),
    replying: await make(
      'Replying',
      [
        receive({ replyTimeoutSeconds: 30 }),
        createPet('step_2'),
        { id: 'step_3', component: 'webhook', operation: 'reply', mapping: { body: 'name' } },
      ],
      [...below('step_1', 'step_2'), ...below('step_2', 'step_3')],
    ),
    deduplicating: await make(
      'Deduplicating',
      [receive({ deduplicate: { key: 'key', windowSeconds: 3600 } }), createPet('step_2')],
      below('step_1', 'step_2'),
    ),
    gathering: await make(
      'Gathering',
      [
        receive(),
        { id: 'step_2', component: 'core', operation: 'split', mapping: '[1..3]' },
        { id: 'step_3', component: 'core', operation: 'collect' },
        createPet('step_4', 'pending'),
      ],
      [...below('step_1', 'step_2'), ...below('step_2', 'step_3'), ...below('step_3', 'step_4')],
    ),
    limited: await make('Limited', [receive(), createPet('step_2')], below('step_1', 'step_2'), { concurrency: 2 }),
    waiting: await make(
      'Waiting',
      [receive(), createPet('step_2'), wait, createPet('step_4', 'pending')],
      [...below('step_1', 'step_2'), ...below('step_2', 'waiting'), ...below('waiting', 'step_4')],
    ),
    fragile: await make(
      'Fragile',
      [receive(), { ...createPet('step_2'), retry: { maxAttempts: 1 } }],
      below('step_1', 'step_2'),
    ),
    polled: await makePolledFlow(running, { credentialId: key, step: createPet('step_4', 'pending') }),
  };
}

/** A flow that finds one pet, and publishes without being started. */
async function makePolledFlow(
  { api, stack }: RunningStack,
  { credentialId, step }: { credentialId: string; step: object },
): Promise<Pick<CreatedFlow, 'id'>> {
  await fetch(`${stack.urls.sandbox}/petstore/v2/pet`, {
    method: 'POST',
    headers: { 'api-key': 'secret', 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Preston', status: 'available' }),
  });
  const { id } = await api.post<{ id: string }>('/v1/flows', { name: 'Polled' });
  const trigger = {
    id: 'step_1',
    component: 'petstore',
    operation: 'getPetsByStatus',
    credentialId,
    schedule: { everySeconds: 3600 },
  };
  await api.put(`/v1/flows/${id}/draft`, { steps: [trigger, step], edges: [{ from: 'step_1', to: 'step_4' }] });
  await api.post(`/v1/flows/${id}/publish`);
  return { id };
}
