import 'reflect-metadata';
import { createAttachmentStore, createFileUrls, openAttachmentBytes } from '@millrace/attachments';
import { createResumeUrls, nothingReached, type Reached } from '@millrace/contracts';
import {
  deriveAttachmentUrlKey,
  deriveComponentKey,
  deriveResumeUrlKey,
  deriveSetupToken,
} from '@millrace/credentials';
import { createMappingPool } from '@millrace/mapping-sandbox';
import type { Logger } from '@millrace/observability';
import { openDatabase } from '@millrace/persistence';
import { createHealth, createHttpApp, listenHttp, registerHealthRoutes } from '@millrace/platform';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { apiModule } from './api-module.js';
import { openBroker } from './broker.js';
import { createRunCounter, startCountingHours } from './dashboard/run-counts.js';
import type { Config } from './config.js';
import { builtConsole, consoleRoute } from './http/console.route.js';
import { databaseAwareFilter, maxBodyBytes, prepareEdge } from './http/edge.js';
import { serveOpenApi } from './http/openapi.js';
import { speakPlainly } from './http/plain-words.js';
import type { ApiDeps } from './deps.js';
import { componentFilesRoute } from './files/component-files.route.js';
import { limitSlowBodies, uploadTimeoutMs } from './files/slow-bodies.js';
import { startHousekeeping } from './housekeeping.js';
import { leadCallbackToPage } from './oauth2/callback-page.js';
import { refreshCredential } from './oauth2/refresh-credential.js';
import { createTokenEndpoint } from './oauth2/token-endpoint.js';
import { startLive } from './live/live.js';
import { startJobRunner } from './jobs/job-runner.js';
import { sayIfSetupIsNeeded } from './setup/set-up.js';
import { cachedPlans } from './runs/plans.js';
import { cachedStepMasks } from './runs/step-masks.js';

/** The control plane, listening. */
export interface Api {
  app: NestFastifyApplication;
  port: number;
  close(): Promise<void>;
}

const brokerReadyWithinMs = 1_500;
/** Apart from the rest: files must not keep it waiting. */
const fileConnections = 4;
const maxUploads = 32;
const hourMs = 60 * 60_000;

/**
 * Starts the control plane. Rejects when the database cannot be reached; a broker that is away only keeps it from being
 * ready, and from what needs one.
 */
export async function startApi(config: Config, logger: Logger, reached: Reached = nothingReached): Promise<Api> {
  speakPlainly();
  const database = await openDatabase({ url: config.DATABASE_URL, applicationName: 'api' });
  const broker = openBroker({
    url: config.AMQP_URL,
    database,
    logger,
    reached,
    refresh: (request) => refreshCredential(deps, request),
  });
  // Its processes start with the first preview that needs one, and end when idle.
  const mappings = createMappingPool({
    maxProcesses: config.MAPPING_PROCESSES,
    timeLimitMs: config.MAPPING_TIME_LIMIT_MS,
    memoryLimitMb: config.MAPPING_MEMORY_LIMIT_MB,
  });
  const health = createHealth({
    checks: { database: () => database.ping(), broker: () => broker.ready(brokerReadyWithinMs) },
    logger,
  });
  const consoleUrl = config.CONSOLE_URL ?? `http://localhost:${config.PORT}`;
  const tokenEndpoint = createTokenEndpoint();
  const live = startLive({ database, url: config.DATABASE_URL, logger });
  const deps: ApiDeps = {
    database,
    credentialKey: (component) => deriveComponentKey(config.MASTER_KEY, component),
    askComponent: (component, request, timeoutMs) => broker.askComponent(component, request, timeoutMs),
    askTokenEndpoint: tokenEndpoint.ask,
    oauth2CallbackUrl: `${consoleUrl}/v1/credentials/oauth2/callback`,
    verifyWithinMs: config.VERIFY_TIMEOUT_MS,
    invalidate: (ids) => broker.invalidate(ids),
    reached,
    sendCopy: (message) => broker.sendCopy(message),
    sendAnswer: (queue, message) => broker.sendAnswer(queue, message),
    plans: cachedPlans(database),
    wakeJobs: () => jobs.wake(),
    messageCount: (queue) => broker.messageCount(queue),
    consumerCount: (queue) => broker.consumerCount(queue),
    mappings,
    live,
    runCounter: createRunCounter(database),
    stepMasks: cachedStepMasks(database),
    resumeUrls: createResumeUrls({ baseUrl: config.HOOK_URL, keys: [deriveResumeUrlKey(config.MASTER_KEY)] }),
    setupToken: deriveSetupToken(config.MASTER_KEY),
    consoleUrl,
    hookUrl: config.HOOK_URL,
    logger,
  };
  const jobs = startJobRunner(deps);
  const module = apiModule(deps);
  const app = await createHttpApp(module, {
    logger,
    maxBodyBytes,
    trustProxy: config.TRUST_PROXY,
    requestTimeoutMs: uploadTimeoutMs,
  });
  app.useGlobalFilters(databaseAwareFilter(logger));
  await prepareEdge(app);
  const files = await openDatabase({
    url: config.DATABASE_URL,
    applicationName: 'api files',
    poolSize: fileConnections,
  });
  const bytes = openAttachmentBytes(config, files);
  const fastify = app.getHttpAdapter().getInstance();
  limitSlowBodies(fastify);
  leadCallbackToPage(fastify);
  await fastify.register(componentFilesRoute, {
    database: files,
    attachments: createAttachmentStore({
      database: files,
      bytes,
      urls: createFileUrls({
        baseUrl: config.HOOK_URL,
        keys: [deriveAttachmentUrlKey(config.MASTER_KEY)],
        ttlMs: config.ATTACHMENT_URL_TTL_HOURS * hourMs,
        clock: Date.now,
      }),
      logger,
      reached,
    }),
    credentialKey: deps.credentialKey,
    maxFileBytes: config.MAX_FILE_BYTES,
    maxUploads,
    clock: Date.now,
  });
  registerHealthRoutes(app.getHttpAdapter().getInstance(), health);
  serveOpenApi(app);
  await fastify.register(consoleRoute, { folder: builtConsole });
  const stopCounting = startCountingHours(database, logger);
  const stopHousekeeping = startHousekeeping(database, logger, { auditKeptDays: config.AUDIT_KEPT_DAYS });
  const port = await listenHttp(app, { host: config.HOST, port: config.PORT });
  logger.info({ host: config.HOST, port }, 'listening');
  await sayIfSetupIsNeeded(deps);

  return {
    app,
    port,
    async close() {
      health.startDraining();
      stopHousekeeping();
      stopCounting();
      // Its connections would hold up the end of the server.
      await live.close();
      await app.close();
      await jobs.stop();
      await broker.close();
      await tokenEndpoint.close();
      await bytes.close();
      await files.close();
      await database.close();
      await mappings.close();
    },
  };
}
