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
}

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
}

export async function makeWorld(): Promise<World> {
  const petstore = await startFlakyPetstore();
  const running = await runStack({
    orchestrator: { RECONCILE_EVERY_MS: '500' },
    'component-petstore': { PETSTORE_BASE_URL: petstore.url },
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
    async stop() {
      await publisher.close();
      await sessions.close();
      await database.close();
      await running.stop();
      await petstore.close();
    },
  };
}

async function makeFlows({ api }: RunningStack): Promise<Flows> {
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
  });
  const below = (from: string, ...to: string[]) => to.map((step) => ({ from, to: step }));
  const make = (name: string, steps: object[], edges: object[]) =>
    createRunningFlow(api, { name, draft: { steps, edges } });
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
        createPet('step_4'),
      ],
      [...below('step_1', 'step_2'), ...below('step_2', 'step_3'), ...below('step_3', 'step_4')],
    ),
  };
}
