import { createParker, createPublisher, openSessions, type Delivery } from '@millrace/amqp';
import { createHttpPools, type Component } from '@millrace/component-sdk';
import {
  asideTopology,
  componentTopology,
  coreTopology,
  nothingReached,
  type Reached,
  type Topology,
} from '@millrace/contracts';
import type { Logger } from '@millrace/observability';
import { publicOnly } from '@millrace/outgoing';
import { createHealth, reachingParker, startHealthServer, type RunningProcess } from '@millrace/process';
import { createCallHandler } from './answer-call.js';
import { startAnnouncing } from './announcer.js';
import { componentMetrics } from './component-metrics.js';
import { consumeQueues, type ComponentQueues } from './component-queues.js';
import { loadRuntimeConfig, type RuntimeConfig } from './config.js';
import { createCredentialOpener } from './credentials.js';
import { FairSlots } from './fair-slots.js';
import { createFreshCredentials } from './fresh-credentials.js';
import { stepFiles, type FileDoor, type OpenFiles } from './files.js';
import { createStepHandler } from './handle-step.js';
import { giveBackIdleMemory } from './idle-memory.js';
import { startRefreshing } from './refreshing.js';
import { RunningSteps, workContext } from './running-steps.js';
import { claimStrayError, forbidEnding } from './stray-errors.js';
import { startWatchdog } from './watchdog.js';
import { watchWear } from './wear.js';

export interface StartOptions {
  component: Component;
  env: Readonly<Record<string, string | undefined>>;
  logger: Logger;
  /** How long steps in flight may go on when the process ends; default 20 s. */
  drainTimeoutMs?: number;
  /** Default 30 s. */
  announceIntervalMs?: number;
  /** For the crash points of the process; default does nothing. */
  reached?: Reached;
  /** Whether the process is this component's alone, so that the runtime may watch it and end it; default false. */
  ownProcess?: boolean;
}

export interface RunningComponent extends RunningProcess {
  claim(error: unknown): boolean;
  readonly worn: Promise<string>;
  healthPort: number;
  /** Resolves when the queues of the component are being consumed. */
  subscribed(): Promise<void>;
}

const defaultDrainTimeoutMs = 20_000;
/** What is left of the drain for steps that heed their abort. */
const abortShare = 0.75;

/**
 * Hosts a component: consumes its queues, announces it, serves its health. Resolves without waiting for the broker.
 * Rejects with `ConfigError` when the environment is not usable.
 */
export async function startComponent(options: StartOptions): Promise<RunningComponent> {
  const { component, logger, drainTimeoutMs = defaultDrainTimeoutMs, reached = nothingReached } = options;
  const config = loadRuntimeConfig(component, options.env);
  const steps = new RunningSteps();
  const sessions = openSessions({
    url: config.amqpUrl,
    name: `component-${component.name}`,
    topology: joined(coreTopology, componentTopology(component.name), asideTopology(component.name)),
    logger,
  });
  const publisher = createPublisher(sessions.publishing, { logger });
  const pools = createHttpPools({ settings: config.settings, rules: config.outgoing });
  const door = fileDoor(component, config);
  const files: OpenFiles = (step) => stepFiles({ door, ...step });
  const park = reachingParker(createParker(publisher), reached);
  const open = createCredentialOpener(component, config.credentialKeys);
  // Only who has tokens that end asks for others.
  const refreshing =
    component.credentials?.oauth2 && startRefreshing(sessions.consuming, { component, publisher, logger });
  const fresh =
    refreshing &&
    createFreshCredentials(open, (credential) =>
      // For all that need it, and over a connection that no step may be blamed for.
      workContext.exit(() => refreshing.ask(credential)),
    );
  const slots = new FairSlots(config);
  const metrics = componentMetrics(component.name, steps, slots);
  const deps = {
    component,
    open,
    fresh,
    settings: config.settings,
    pools,
    files,
    publisher,
    logger,
    reached,
    slots,
    metrics,
  };
  const stepHandler = createStepHandler(deps, steps);
  const consumed: { queues?: ComponentQueues } = {};
  const health = createHealth({ checks: { broker: () => readiness(consumed.queues) }, logger });
  const { host, healthPort } = config;
  const healthServer = await startHealthServer({ host, port: healthPort, health, metrics: () => metrics.text() }).catch(
    async (error: unknown) => {
      metrics.close();
      await sessions.close();
      throw error;
    },
  );

  const queues = consumeQueues({
    name: component.name,
    session: sessions.consuming,
    park,
    logger,
    concurrency: config.concurrency,
    slots,
    steps: stepHandler,
    answerCall: createCallHandler(deps, steps),
  });
  consumed.queues = queues;
  const stopAnnouncing = startAnnouncing({
    component,
    settings: config.settings,
    session: sessions.publishing,
    publisher,
    logger,
    intervalMs: options.announceIntervalMs,
  });
  const wear = watchWear(steps, config);
  const unguard = options.ownProcess
    ? guardProcess({ component, steps, config, logger, deliveryOf: (id) => stepHandler.deliveryOf(id) })
    : undefined;
  logger.info(
    { component: component.name, version: component.version, healthPort: healthServer.port },
    'component runs',
  );

  return {
    healthPort: healthServer.port,
    worn: wear.worn,
    claim: (error) => claimStrayError(error, logger),
    subscribed: () => queues.subscribed(),
    async close() {
      health.startDraining();
      stopAnnouncing();
      const interrupting = setTimeout(() => steps.interrupt(), drainTimeoutMs * abortShare);
      await queues.close(drainTimeoutMs);
      clearTimeout(interrupting);
      steps.interrupt();
      await refreshing?.close();
      await publisher.close();
      await sessions.close();
      await pools.destroy();
      await door?.pools.destroy();
      await healthServer.close();
      wear.stop();
      metrics.close();
      await unguard?.();
    },
  };
}

function fileDoor({ name }: Component, { apiUrl, credentialKeys: [key] }: RuntimeConfig): FileDoor | undefined {
  if (apiUrl === undefined || key === undefined) return undefined;
  return { apiUrl, component: name, key, pools: createHttpPools({ settings: apiUrl, rules: publicOnly }) };
}

function readiness(queues: ComponentQueues | undefined): void {
  if (!queues) throw new Error('it starts');
  queues.assertReady();
}

/** What may only be done in a process of the component's own. Returns the function that undoes it. */
function guardProcess(options: {
  component: Component;
  steps: RunningSteps;
  config: RuntimeConfig;
  logger: Logger;
  deliveryOf: (messageId: string) => Delivery | undefined;
}): () => Promise<void> {
  const { component, steps, config, logger, deliveryOf } = options;
  const allowEnding = forbidEnding(logger);
  const endWatchdog = startWatchdog({
    component,
    steps,
    deliveryOf,
    limits: config,
    amqpUrl: config.amqpUrl,
    service: `component-${component.name}`,
  });
  const keepMemory = giveBackIdleMemory(() => steps.inFlight + steps.questions.size === 0);
  return async () => {
    keepMemory();
    allowEnding();
    await endWatchdog();
  };
}

function joined(...parts: readonly Topology[]): Topology {
  return {
    exchanges: parts.flatMap(({ exchanges }) => exchanges),
    queues: parts.flatMap(({ queues }) => queues),
    bindings: parts.flatMap(({ bindings }) => bindings),
  };
}
