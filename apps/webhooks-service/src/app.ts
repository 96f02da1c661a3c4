import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { createParker, createPublisher, openSessions } from '@millrace/amqp';
import { coreTopology, maxMessageBytes } from '@millrace/contracts';
import type { Logger } from '@millrace/observability';
import { openDatabase } from '@millrace/persistence';
import { createHealth, createHttpApp, hearInvalidations, listenHttp, registerHealthRoutes } from '@millrace/platform';
import type { Config } from './config.js';
import { cachedHookFlows } from './flows/hook-flows.js';
import { answerUnknownFlow, hookRoute } from './ingest/hook.route.js';

@Module({})
class WebhooksServiceModule {}

export interface WebhooksService {
  port: number;
  close(): Promise<void>;
}

const lookupConnections = 4;
const lookupTimeoutMs = 3_000;

/** Builds the service, connects it and listens. It starts without a broker, too, and answers 503 until there is one. */
export async function startWebhooksService(config: Config, logger: Logger): Promise<WebhooksService> {
  const database = await openDatabase({
    url: config.DATABASE_URL,
    applicationName: 'webhooks-service',
    poolSize: lookupConnections,
    statementTimeoutMs: lookupTimeoutMs,
  });
  const sessions = openSessions({ url: config.AMQP_URL, name: 'webhooks-service', topology: coreTopology, logger });
  const publisher = createPublisher(sessions.publishing, {
    logger,
    maxInFlight: config.MAX_PENDING_REQUESTS,
    maxMessageBytes,
  });
  const flows = cachedHookFlows(database, config.CREDENTIAL_KEY_WEBHOOK, logger);
  const park = createParker(publisher);
  const invalidations = hearInvalidations(sessions.consuming, { cache: flows, logger, park });
  const health = createHealth({
    // An instance that has once been connected stays ready without broker or database: it says 503 with Retry-After
    // where it must, and goes on for known flows where it can. Taken out of service it could do neither.
    checks: { invalidations: () => invalidations.assertHeard() },
    logger,
  });

  const app = await createHttpApp(WebhooksServiceModule, {
    logger,
    maxBodyBytes: config.MAX_BODY_BYTES,
    answerUnroutable: (_request, reply) => void answerUnknownFlow(reply),
  });
  const fastify = app.getHttpAdapter().getInstance();
  registerHealthRoutes(fastify, health);
  await fastify.register(hookRoute, {
    flows,
    publish: (message) => publisher.publish(message, { timeoutMs: config.PUBLISH_TIMEOUT_MS }),
    logger,
    clock: Date.now,
    maxBodyBytes: config.MAX_BODY_BYTES,
    publicUrl: config.HOOK_URL,
  });
  const port = await listenHttp(app, { host: config.HOST, port: config.PORT });
  logger.info({ port }, 'listening');

  return {
    port,
    async close() {
      health.startDraining();
      // Calls in flight are answered first, then what they published with goes.
      await app.close();
      await publisher.close();
      await invalidations.close();
      await sessions.close();
      await database.close();
    },
  };
}
