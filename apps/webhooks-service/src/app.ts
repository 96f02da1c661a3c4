import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { createBundler, createParker, createPublisher, openSessions } from '@millrace/amqp';
import { createAttachmentStore, createFileUrls, fileRoute, openAttachmentBytes } from '@millrace/attachments';
import {
  coreTopology,
  queues,
  createResumeUrls,
  type FlowId,
  maxMessageBytes,
  newId,
  nothingReached,
  type Reached,
} from '@millrace/contracts';
import type { Logger } from '@millrace/observability';
import {
  findResumeVersions,
  insertRejections,
  insertResume,
  openDatabase,
  saveCapturedSample,
  writeAcceptedCalls,
} from '@millrace/persistence';
import {
  createHealth,
  createHttpApp,
  type Forgetful,
  hearInvalidations,
  listenHttp,
  registerHealthRoutes,
} from '@millrace/platform';
import { createAdmission } from './admission/admission.js';
import { requestIdHeader } from './answers/answer.js';
import { answerUnreadable } from './answers/unreadable.js';
import type { Config } from './config.js';
import { cachedHookFlows } from './flows/hook-flows.js';
import { startHousekeeping } from './housekeeping.js';
import { createArrivals, usualPace, type ArrivalOptions } from './ingest/arrival.js';
import { createBodyRoom } from './ingest/body-room.js';
import { watchConnections } from './ingest/connections.js';
import { takeEveryRequest } from './ingest/every-request.js';
import { answerUnknownFlow, hookRoute, makeRequestId } from './ingest/hook.route.js';
import { createAcceptedCalls } from './ledger/accepted-calls.js';
import { createRejectionLog } from './rejections/rejection-log.js';
import { cachedResumeSteps } from './resume/resume-steps.js';
import { resumeRoute } from './resume/resume.route.js';
import { hearReplies } from './replies/hear-replies.js';
import { createWaitingCallers } from './replies/waiting-callers.js';

@Module({})
class WebhooksServiceModule {}

export interface WebhooksService {
  port: number;
  close(): Promise<void>;
}

/** What tests make shorter. */
export interface Timing {
  pace?: Partial<Pick<ArrivalOptions, 'graceMs' | 'bytesPerSecond' | 'idleMs' | 'sweepMs'>>;
  /** How long callers may go on waiting for the answers of runs while the process ends. */
  drainRepliesMs?: number;
}

const lookupConnections = 4;
const lookupTimeoutMs = 3_000;
/** Apart from look-ups: uploads and records must not keep them waiting. */
const writingConnections = 6;
const resumingConnections = 4;
const resumeTimeoutMs = 5_000;
/** Over which not even a large upload may take; the pace of a body is watched besides. */
const requestTimeoutMs = 15 * 60_000;
const drainRepliesMs = 15_000;
/** Below the 25 s after which the process is ended, so that what was answered by then is written. */
const drainConnectionsMs = 20_000;
/** A call may hold its body as sent, decompressed, its fields, as JSON, and the message of JSON and body as sent. */
const largestCallBodies = 5;
/** What of a file waits in memory to be stored: a part of an upload, a chunk of a row. */
const s3BufferedBytes = 5 * 1024 * 1024;
const postgresBufferedBytes = 256 * 1024;
const hourMs = 60 * 60_000;

/** Builds the service, connects it and listens. It starts without a broker, too, and answers 503 until there is one. */
export async function startWebhooksService(
  config: Config,
  logger: Logger,
  timing: Timing = {},
  reached: Reached = nothingReached,
): Promise<WebhooksService> {
  const { DATABASE_URL: url, HOOK_URL: publicUrl } = config;
  const database = await openDatabase({
    url,
    applicationName: 'webhooks-service',
    poolSize: lookupConnections,
    statementTimeoutMs: lookupTimeoutMs,
  });
  const writing = await openDatabase({
    url,
    applicationName: 'webhooks-service writing',
    poolSize: writingConnections,
  });
  // A caller waits for it, so it is given up sooner.
  const resuming = await openDatabase({
    url,
    applicationName: 'webhooks-service resuming',
    poolSize: resumingConnections,
    statementTimeoutMs: resumeTimeoutMs,
  });
  const sessions = openSessions({ url: config.AMQP_URL, name: 'webhooks-service', topology: coreTopology, logger });
  const publisher = createPublisher(sessions.publishing, {
    logger,
    maxInFlight: config.MAX_PENDING_REQUESTS,
    maxMessageBytes,
  });
  const triggers = createBundler(publisher, { queue: queues.triggers, timeoutMs: config.PUBLISH_TIMEOUT_MS });
  const park = createParker(publisher);
  const monotonic = (): number => performance.now();
  const workspaceShare = config.MAX_WORKSPACE_SHARE_PERCENT / 100;
  const admission = createAdmission({
    maxConcurrentRequests: config.MAX_CONCURRENT_REQUESTS,
    maxWorkspaceConcurrentRequests: Math.ceil(config.MAX_CONCURRENT_REQUESTS * workspaceShare),
    workspaceRequestsPerSecond: config.WORKSPACE_REQUESTS_PER_SECOND,
    flowRequestsPerSecond: config.FLOW_REQUESTS_PER_SECOND,
    clock: monotonic,
  });
  const flows = cachedHookFlows({ database, credentialKey: config.CREDENTIAL_KEY_WEBHOOK, admission, logger });
  const resumeSteps = cachedResumeSteps({
    database,
    credentialKey: config.CREDENTIAL_KEY_WEBHOOK,
    admission,
    logger,
  });
  const cache: Forgetful = {
    forget(invalidation) {
      flows.forget(invalidation);
      resumeSteps.forget(invalidation);
    },
    forgetAll() {
      flows.forgetAll();
      resumeSteps.forgetAll();
    },
  };
  const invalidations = hearInvalidations(sessions.consuming, { cache, publisher, logger, park });
  const callers = createWaitingCallers();
  const replies = hearReplies(sessions.consuming, { callers, logger, park });
  const rejections = createRejectionLog({ insert: (batch) => insertRejections(writing, batch), logger });
  const instanceId = newId();
  const accepted = createAcceptedCalls({ write: (counts) => writeAcceptedCalls(writing, instanceId, counts), logger });
  const bytes = openAttachmentBytes(config, writing);
  const urls = createFileUrls({
    baseUrl: publicUrl,
    keys: [config.ATTACHMENT_URL_KEY],
    ttlMs: config.ATTACHMENT_URL_TTL_HOURS * hourMs,
    clock: Date.now,
  });
  const attachments = createAttachmentStore({ database: writing, bytes, urls, logger, reached });
  const room = createBodyRoom({
    maxBytes: config.MAX_HELD_BODY_BYTES,
    maxShareBytes: Math.max(config.MAX_HELD_BODY_BYTES * workspaceShare, largestCallBodies * config.MAX_BODY_BYTES),
  });
  const arrivals = createArrivals({
    ...usualPace,
    ...timing.pace,
    clock: monotonic,
  });
  const housekeeping = startHousekeeping({ database: writing, attachments, rejections, logger });
  const health = createHealth({
    // An instance that has once been connected stays ready without broker or database: it says 503 with Retry-After
    // where it must, and goes on for known flows where it can. Taken out of service it could do neither.
    checks: { invalidations: () => invalidations.assertHeard() },
    logger,
  });

  const app = await createHttpApp(WebhooksServiceModule, {
    logger,
    maxBodyBytes: config.MAX_BODY_BYTES,
    requestTimeoutMs,
    makeRequestId,
    requestIdHeader,
    answerUnroutable: answerUnknownFlow,
    answerUnreadable,
    takesRequestsWhileClosing: true,
  });
  const fastify = app.getHttpAdapter().getInstance();
  takeEveryRequest(fastify.server);
  const connections = watchConnections(fastify.server);
  registerHealthRoutes(fastify, health);
  let closing = false;
  await fastify.register(fileRoute, { attachments, urls, logger });
  const bodies = {
    arrivals,
    attachments,
    limits: { maxBodyBytes: config.MAX_BODY_BYTES, maxFileBytes: config.MAX_FILE_BYTES },
    maxBufferedFileBytes: config.ATTACHMENTS === 's3' ? s3BufferedBytes : postgresBufferedBytes,
    logger,
  };
  await fastify.register(hookRoute, {
    ...bodies,
    flows,
    admission,
    room,
    callers,
    accepted,
    rejections,
    replyTo: replies.queue,
    capture: {
      saveSample: async (captured) => (await saveCapturedSample(writing, captured)) !== undefined,
      reached,
      forget: (invalidation) => flows.forget(invalidation),
      capturing: new Set<FlowId>(),
      logger,
    },
    reached,
    publish: (message) => triggers.publish(message),
    clock: Date.now,
    publicUrl,
    closing: () => closing,
  });
  await fastify.register(resumeRoute, {
    ...bodies,
    steps: resumeSteps,
    urls: createResumeUrls({ baseUrl: publicUrl, keys: [config.RESUME_URL_KEY] }),
    admission,
    room,
    versionsOf: (target) => findResumeVersions(resuming, target),
    insert: (resume) => insertResume(resuming, resume),
    reached,
    publicUrl,
    closing: () => closing,
  });
  const port = await listenHttp(app, { host: config.HOST, port: config.PORT });
  logger.info({ port }, 'listening');

  return {
    port,
    async close() {
      health.startDraining();
      closing = true;
      callers.drain(timing.drainRepliesMs ?? drainRepliesMs);
      connections.drain(drainConnectionsMs);
      // Calls in flight are answered first, then what they were answered with goes.
      await app.close();
      arrivals.close();
      await housekeeping.close();
      await rejections.close();
      await accepted.close();
      await replies.close();
      await publisher.close();
      await invalidations.close();
      await sessions.close();
      await bytes.close();
      await writing.close();
      await resuming.close();
      await database.close();
    },
  };
}
