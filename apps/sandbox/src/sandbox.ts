import 'reflect-metadata';
import { createHealth, createHttpApp, listenHttp, loadConfig, registerHealthRoutes, setting } from '@millrace/platform';
import type { Logger } from '@millrace/observability';
import { Module } from '@nestjs/common';
import { z } from 'zod';
import { petsPage } from './page.js';
import { Pets } from './pets.js';
import { petstoreRoutes } from './petstore.route.js';

const configSchema = z.object({
  HOST: setting.host(),
  PORT: setting.port().default(3002).describe('port of the Petstore API'),
});

const pageSize = 50;

@Module({})
class SandboxModule {}

export interface RunningSandbox {
  url: string;
  close(): Promise<void>;
}

/** Starts the sandbox: the Petstore API under `/petstore/v2`, the page at `/`, health. Throws `ConfigError`. */
export async function startSandbox(
  env: Readonly<Record<string, string | undefined>>,
  logger: Logger,
): Promise<RunningSandbox> {
  const config = loadConfig(configSchema, env);
  const pets = new Pets();
  const health = createHealth({ checks: {}, logger });
  const app = await createHttpApp(SandboxModule, { logger, maxBodyBytes: 1024 * 1024 });
  const fastify = app.getHttpAdapter().getInstance();
  registerHealthRoutes(fastify, health);
  await fastify.register(petstoreRoutes(pets), { prefix: '/petstore/v2' });
  fastify.get('/', (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
      .header('x-content-type-options', 'nosniff')
      .send(petsPage(pets.newest(pageSize), pets.count)),
  );
  const port = await listenHttp(app, { host: config.HOST, port: config.PORT });
  const url = `http://${config.HOST}:${port}`;
  logger.info({ url }, 'sandbox listens');
  return {
    url,
    async close() {
      health.startDraining();
      await app.close();
    },
  };
}
