import {
  encodeTriggerMessage,
  newId,
  parseId,
  queues,
  stepQueue,
  type CrashPoint,
  type RunId,
} from '@millrace/contracts';
import { createBundler, createParker, type Delivery } from '@millrace/amqp';
import { eventually } from '@millrace/testing';
import { expect } from 'vitest';
import { call } from '../support/tutorial.js';
import { actScenarios } from './act-scenarios.js';
import { makeAbandoned, makeOverdue } from './hurry.js';
import { pollScenarios } from './poll-scenarios.js';
import { queueScenarios } from './queue-scenarios.js';
import { fileRequest, plainRequest, sendCutForm, sendUntil } from './requests.js';
import { withoutPetstore, type Scenario } from './scenario.js';
import { waitScenarios } from './wait-scenarios.js';
import type { Accepted } from './requests.js';
import type { World } from './world.js';

const plain: Scenario['provoke'] = ({ flows }, accepted, over) =>
  sendUntil(over, accepted, plainRequest(flows.plain.webhookUrl));

const files: Scenario['provoke'] = (world, accepted, over) => sendUntil(over, accepted, () => fileRequest(world));

const duplicates: Scenario['provoke'] = ({ flows }, accepted, over) => {
  const run = newId();
  // Three in a row have the same key.
  return sendUntil(over, accepted, (number) => ({
    url: flows.deduplicating.webhookUrl,
    body: { key: `${run} ${Math.floor(number / 3)}` },
  }));
};

const gathered: Scenario['provoke'] = ({ flows }, accepted, over) =>
  sendUntil(over, accepted, plainRequest(flows.gathering.webhookUrl));

const failing: Scenario['provoke'] = async (world, accepted, over) => {
  world.petstore.failNext = Infinity;
  over.addEventListener('abort', () => (world.petstore.failNext = 0));
  await plain(world, accepted, over);
};

const cutForm: Scenario['provoke'] = (world) => sendCutForm(world);

const changed: Pick<Scenario, 'provoke' | 'after'> = {
  provoke: async ({ api, flows }) => {
    await api.post(`/v1/flows/${flows.branching.id}/stop`).catch(() => undefined);
  },
  // Who got no answer says it again, and then it holds for the next call.
  after: async ({ api, flows }, accepted) => {
    await api.post(`/v1/flows/${flows.branching.id}/stop`);
    expect((await call(flows.branching.webhookUrl, {})).status).toBe(404);
    await api.post(`/v1/flows/${flows.branching.id}/start`);
    expect(await accepted.send(flows.branching.webhookUrl, {})).toBe(true);
  },
};

/** The trigger that is parked. */
async function parkedId({ api }: World): Promise<string | undefined> {
  const { items } = await api.get<{ items: { id: string; queue: string }[] }>('/v1/parked');
  return items.find(({ queue }) => queue === queues.triggers)?.id;
}

const released: Pick<Scenario, 'provoke' | 'after'> = {
  async provoke(world, accepted) {
    const { database, flows, publisher } = world;
    const flowId = parseId(flows.plain.id);
    const [ids] = await database.dataSource.query<Parameters<typeof encodeTriggerMessage>[0][]>(
      `select workspace_id as "workspaceId", id as "flowId", published_version_id as "versionId" from flow where id = $1`,
      [flowId],
    );
    const runId = newId<RunId>();
    const request = { method: 'POST', path: '', query: {}, headers: {}, contentType: 'application/json' };
    const trigger = encodeTriggerMessage({
      ...ids!,
      runId,
      receivedAt: Date.now(),
      request,
      body: Buffer.from('{}'),
    });
    await createParker(publisher).park({ ...trigger, queue: queues.triggers } as Delivery, 'set aside');
    accepted.ids.push(runId.replaceAll('-', ''));
    const id = await eventually(async () => {
      const found = await parkedId(world);
      expect(found).toBeDefined();
      return found;
    });
    await world.api.post(`/v1/parked/${id}/release`).catch(() => undefined);
  },
  async after(world) {
    const id = await parkedId(world);
    if (id) await world.api.post(`/v1/parked/${id}/release`);
  },
};

/** A step runs whose component is away, and a result of it comes that nobody can read. */
const garbled: Pick<Scenario, 'provoke' | 'after'> = {
  async provoke(world, accepted) {
    const message = await unreadable(world, accepted);
    await world.publisher.publish({ exchange: '', routingKey: queues.results, ...message });
  },
  async after(world, accepted) {
    const runId = accepted.ids[0];
    await eventually(async () => expect(await world.api.get(`/v1/runs/${runId}`)).toMatchObject({ status: 'failed' }), {
      timeoutMs: 20_000,
    });
    await world.service('component-petstore').start();
    await world.service('component-petstore').waitHealthy();
  },
};

/** The same, and the unreadable result comes twice at once. */
const garbledTogether: Pick<Scenario, 'provoke' | 'after'> = {
  ...garbled,
  async provoke(world, accepted) {
    const message = await unreadable(world, accepted);
    const bundler = createBundler(world.publisher, { queue: queues.results, timeoutMs: 10_000 });
    await Promise.all([bundler.publish(message), bundler.publish(message)]);
  },
};

/** A result that nobody can read, of a step whose component is away. */
async function unreadable(world: World, accepted: Accepted): Promise<{ body: Buffer; messageId: string }> {
  const runId = await withoutPetstore(world, accepted);
  const messageId = `${runId}:step_2:0:1`;
  world.garbled.add(messageId);
  return { body: Buffer.from('nonsense'), messageId };
}

/** Every crash point with its process. A point that is missing here does not compile. */
export const scenarios: Record<CrashPoint, Scenario> = {
  'file.recorded': { service: 'webhooks-service', times: 3, provoke: files },
  'file.bytesStored': { service: 'webhooks-service', times: 3, provoke: files },
  'file.stored': { service: 'webhooks-service', times: 3, provoke: files },
  'file.removalBegun': { service: 'webhooks-service', provoke: cutForm },
  'file.bytesRemoved': { service: 'webhooks-service', provoke: cutForm },
  'hook.confirmed': { service: 'webhooks-service', times: 5, provoke: plain },
  'hook.sampleSaved': {
    service: 'webhooks-service',
    async provoke(world, accepted, over) {
      await world.api.post(`/v1/flows/${world.flows.plain.id}/steps/step_1/sample`, { mode: 'capture' });
      await plain(world, accepted, over);
    },
    async after({ api, flows }) {
      const sample = await api.get(`/v1/flows/${flows.plain.id}/steps/step_1/sample`);
      expect(sample).toMatchObject({ output: { some: 'thing' }, capture: null });
    },
  },

  'triggers.keysClaimed': { service: 'orchestrator', times: 3, provoke: duplicates },
  'triggers.runsWritten': { service: 'orchestrator', times: 3, provoke: plain },
  ...queueScenarios,
  ...waitScenarios,
  ...pollScenarios,
  ...actScenarios,
  'triggers.duplicatesWritten': { service: 'orchestrator', times: 2, provoke: duplicates },
  'triggers.confirmed': { service: 'orchestrator', times: 3, provoke: plain },
  'steps.oneConfirmed': {
    service: 'orchestrator',
    times: 8,
    provoke: ({ flows }, accepted, over) => sendUntil(over, accepted, plainRequest(flows.branching.webhookUrl)),
  },
  'results.settled': { service: 'orchestrator', times: 4, provoke: plain },
  'results.confirmed': { service: 'orchestrator', times: 4, provoke: plain },
  'results.postponed': { service: 'orchestrator', times: 2, provoke: failing },
  'results.collected': { service: 'orchestrator', times: 3, provoke: gathered },
  'collections.closed': { service: 'orchestrator', times: 2, provoke: gathered },
  'collections.released': { service: 'orchestrator', times: 2, provoke: gathered },
  'replies.sent': {
    service: 'orchestrator',
    times: 2,
    provoke: ({ flows }, accepted, over) => sendUntil(over, accepted, plainRequest(flows.replying.webhookUrl)),
  },
  'releases.begun': { service: 'orchestrator', provoke: failing, after: (world) => makeOverdue(world, 2) },
  'releases.sent': { service: 'orchestrator', provoke: failing, after: makeAbandoned },
  'unsent.taken': {
    service: 'orchestrator',
    async provoke(world, accepted) {
      await withoutPetstore(world, accepted);
      // As if whoever began it had not come to note that it is sent.
      await world.database.dataSource.query(
        `update step_run set overdue_after_ms = 60000, due_at = now() - interval '1 s' where status = 'running'`,
      );
    },
    async after(world) {
      await makeAbandoned(world);
      await world.service('component-petstore').start();
      await world.service('component-petstore').waitHealthy();
    },
  },
  'overdue.putOff': {
    service: 'orchestrator',
    async provoke(world, accepted) {
      await withoutPetstore(world, accepted);
      await world.broker.control('purge_queue', stepQueue('petstore'));
      await world.service('component-petstore').start();
      await makeOverdue(world);
    },
    after: (world) => makeOverdue(world),
  },
  'bundle.partSent': { service: 'orchestrator', ...garbledTogether },
  'message.parked': { service: 'orchestrator', ...garbled },
  'parked.kept': { service: 'orchestrator', ...garbled },
  'parked.failed': { service: 'orchestrator', ...garbled },

  'step.executed': { service: 'component-petstore', times: 4, provoke: plain },
  'step.confirmed': { service: 'component-petstore', times: 4, provoke: plain },

  'catalogue.stored': {
    service: 'api',
    async provoke(world) {
      await world.service('component-petstore').restart();
    },
    async after({ api }) {
      expect(await api.get('/v1/components/petstore')).toMatchObject({ name: 'petstore' });
    },
  },
  'change.committed': { service: 'api', ...changed },
  'change.heard': { service: 'api', ...changed },
  'release.confirmed': { service: 'api', ...released },
  'release.removed': { service: 'api', ...released },
};
