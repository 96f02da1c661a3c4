import 'reflect-metadata';
import { setMaxListeners } from 'node:events';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { createParker, createPublisher, openSessions } from '@millrace/amqp';
import {
  componentTopology,
  coreTopology,
  createResumeUrls,
  type FlowId,
  maxMessageBytes,
  nothingReached,
  type Reached,
  type Topology,
} from '@millrace/contracts';
import { createMappingPool } from '@millrace/mapping-sandbox';
import type { Logger } from '@millrace/observability';
import { ensurePartitions, openDatabase } from '@millrace/persistence';
import {
  AmqpServer,
  createHealth,
  hearInvalidations,
  nestLogger,
  reachingParker,
  startHealthServer,
  type Forgetful,
} from '@millrace/platform';
import type { Config } from './config.js';
import type { EngineDeps } from './engine/deps.js';
import { cachedHoldingFlows } from './engine/holding-flows.js';
import { cachedPlans } from './engine/plans.js';
import { cachedCredentials } from './engine/sealed-credentials.js';
import { batchSize, ENGINE, QueuesController } from './queues.controller.js';
import { endCancellations } from './upkeep/cancellations.js';
import { collectDue, removeCollections } from './upkeep/collector.js';
import { every } from './upkeep/every.js';
import { removeExpired } from './upkeep/expired-keys.js';
import { removeResumes } from './upkeep/old-resumes.js';
import { rememberLostSteps } from './upkeep/lost-steps.js';
import { reconcile, sendUnsent } from './upkeep/reconciler.js';
import { releaseQueues } from './upkeep/queue-releaser.js';
import { createQueueTurns, type QueueTurns } from './upkeep/queue-turns.js';
import { releaseDue, releasePause } from './upkeep/releaser.js';
import { removeExpiredRuns } from './upkeep/retention.js';
import { resumeDue } from './upkeep/resumer.js';
import { lookEveryMs, pollDue } from './upkeep/scheduler.js';

class OrchestratorModule {}

export interface Orchestrator {
  healthPort: number;
  close(): Promise<void>;
}

const partitionDays = 9;
const partitionsEveryMs = 3_600_000;
const unsentEveryMs = 2_000;
const expiredKeysEveryMs = 60_000;
const cancellationsEveryMs = 5_000;
const retentionEveryMs = 3_600_000;
const oldResumesEveryMs = 600_000;
/** After it failed, as without a database. */
const releaseAgainMs = 1_000;
const readyWithinMs = 1_000;
const publishTimeoutMs = 30_000;
const giveUpDrainAfterMs = 10_000;

/** Builds the engine, connects it and consumes. It starts without a broker, too, and works as soon as there is one. */
export async function startOrchestrator(
  config: Config,
  logger: Logger,
  reached: Reached = nothingReached,
): Promise<Orchestrator> {
  const database = await openDatabase({ url: config.DATABASE_URL, applicationName: 'orchestrator' });
  const sessions = openSessions({ url: config.AMQP_URL, name: 'orchestrator', topology: coreTopology, logger });
  const publisher = createPublisher(sessions.publishing, {
    logger,
    // Both queues, in both batches, each message with what follows from it.
    maxInFlight: batchSize * 100,
    maxInFlightBytes: 256 * 1024 * 1024,
    maxMessageBytes,
    timeoutMs: publishTimeoutMs,
  });
  const park = reachingParker(createParker(publisher), reached);
  const credentials = cachedCredentials(database);
  const holding = cachedHoldingFlows(database);
  const turns = createQueueTurns();
  const copies = forgetAll([credentials, holding], turns);
  const invalidations = hearInvalidations(sessions.consuming, { cache: copies, publisher, logger, park });
  const topologies = new Map<string, Topology>();
  // One and the same object for a component, so that what is declared is recognised at a glance.
  const topologyOf = (component: string): Topology => {
    const topology = topologies.get(component) ?? componentTopology(component);
    topologies.set(component, topology);
    return topology;
  };
  // Its processes start with the first mapping that needs one, and end when idle.
  const mappings = createMappingPool({
    maxProcesses: config.MAPPING_PROCESSES,
    timeLimitMs: config.MAPPING_TIME_LIMIT_MS,
    memoryLimitMb: config.MAPPING_MEMORY_LIMIT_MB,
  });
  const drainGivenUp = new AbortController();
  const deps: EngineDeps = {
    database,
    plans: cachedPlans(database, logger),
    credentials,
    mappings,
    resumeUrls: createResumeUrls({ baseUrl: config.HOOK_URL, keys: [config.RESUME_URL_KEY] }),
    holding,
    pokeQueue: (flowId) => turns.add(flowId),
    broker: {
      publish: (message) => publisher.publish(message),
      ensureComponent: (name) => sessions.publishing.declare(topologyOf(name)),
      redeclareComponent: (name) => sessions.publishing.redeclare(topologyOf(name)),
      messageCount: (queue) => sessions.publishing.messageCount(queue),
      consumerCount: (queue) => sessions.publishing.consumerCount(queue),
    },
    logger,
    stopping: drainGivenUp.signal,
    overdueGraceMs: config.OVERDUE_GRACE_MS,
    reached,
  };

  const server = new AmqpServer({ session: sessions.consuming, park, logger });
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(orchestratorModule(deps), {
    strategy: server,
    logger: nestLogger(logger),
    abortOnError: false,
  });
  // Before the first run is written: its day may not have a partition yet, after a machine that slept.
  await ensurePartitions(database, partitionDays);
  await app.listen();
  const upkeep = startUpkeep(deps, turns, config.RECONCILE_EVERY_MS);
  const health = createHealth({
    checks: {
      broker: () => sessions.ready(readyWithinMs),
      database: () => database.ping(),
      invalidations: () => invalidations.assertHeard(),
      queues: () => server.assertReady(),
    },
    logger,
  });
  const healthServer = await startHealthServer({ host: config.HOST, port: config.HEALTH_PORT, health });
  logger.info({ healthPort: healthServer.port }, 'consuming');

  return {
    healthPort: healthServer.port,
    async close() {
      health.startDraining();
      const timer = setTimeout(() => drainGivenUp.abort(new Error('the process is stopping')), giveUpDrainAfterMs);
      await Promise.all([app.close(), upkeep.stop()]);
      clearTimeout(timer);
      await invalidations.close();
      await publisher.close();
      await sessions.close();
      await database.close();
      await healthServer.close();
      // The last, for it waits for evaluations that nobody waits for any more.
      await mappings.close();
    },
  };
}

function orchestratorModule(deps: EngineDeps): DynamicModule {
  return {
    module: OrchestratorModule,
    controllers: [QueuesController],
    providers: [{ provide: ENGINE, useValue: deps }],
  };
}

/** What must go when something has changed. A flow that has may also let go of runs that wait. */
function forgetAll(caches: Forgetful[], turns: QueueTurns): Forgetful {
  return {
    forget(invalidation) {
      for (const cache of caches) cache.forget(invalidation);
      for (const flowId of invalidation.flowIds as FlowId[]) turns.add(flowId, { whole: true });
    },
    forgetAll() {
      for (const cache of caches) cache.forgetAll();
    },
  };
}

function startUpkeep(deps: EngineDeps, turns: QueueTurns, reconcileEveryMs: number): { stop(): Promise<void> } {
  const { logger } = deps;
  const ending = new AbortController();
  const stopping = ending.signal;
  // Each loop and lane listens to it.
  setMaxListeners(32, stopping);
  const lostSteps = rememberLostSteps();
  const loops = [
    every({ everyMs: reconcileEveryMs, what: 'reconciling', logger, stopping }, () => reconcile(deps, lostSteps)),
    every({ everyMs: releaseAgainMs, pauseMs: releasePause(), what: 'releasing steps', logger, stopping }, () =>
      releaseDue(deps, stopping),
    ),
    every({ everyMs: cancellationsEveryMs, what: 'ending cancelled steps', logger, stopping }, () =>
      endCancellations(deps),
    ),
    every({ everyMs: releaseAgainMs, pauseMs: releasePause(), what: 'resuming steps', logger, stopping }, () =>
      resumeDue(deps, stopping),
    ),
    every({ everyMs: oldResumesEveryMs, what: 'removing old calls of resume URLs', logger, stopping }, () =>
      removeResumes(deps.database, stopping),
    ),
    every(
      { everyMs: releaseAgainMs, pauseMs: releasePause(), what: 'letting gathered items go on', logger, stopping },
      () => collectDue(deps, stopping),
    ),
    every({ everyMs: oldResumesEveryMs, what: 'removing old collections', logger, stopping }, () =>
      removeCollections(deps.database, stopping),
    ),
    every({ everyMs: lookEveryMs, what: 'polling', logger, stopping }, () => pollDue(deps, stopping)),
    every({ everyMs: unsentEveryMs, what: 'sending what was not sent', logger, stopping }, () => sendUnsent(deps)),
    releaseQueues(deps, turns, stopping),
    every({ everyMs: partitionsEveryMs, what: 'making partitions', logger, stopping }, () =>
      ensurePartitions(deps.database, partitionDays),
    ),
    every({ everyMs: expiredKeysEveryMs, what: 'removing expired keys', logger, stopping }, () =>
      removeExpired(deps.database, stopping),
    ),
    every({ everyMs: retentionEveryMs, what: 'removing expired runs', logger, stopping }, () =>
      removeExpiredRuns(deps, stopping),
    ),
  ];
  return {
    async stop() {
      ending.abort();
      await Promise.all(loops);
    },
  };
}
