import 'reflect-metadata';
import { createHealth, createHttpApp, listenHttp, loadConfig, registerHealthRoutes, setting } from '@millrace/platform';
import type { Logger } from '@millrace/observability';
import { Module } from '@nestjs/common';
import { z } from 'zod';
import { sandboxPage } from './page.js';
import { Pets } from './pets.js';
import { petstoreRoutes } from './petstore.route.js';
import { XWorld } from './x/world.js';
import { xRoutes } from './x/x.route.js';

const configSchema = z.object({
  HOST: setting.host(),
  PORT: setting.port().default(3002).describe('port of the sandbox'),
});

const pageSize = 50;

@Module({})
class SandboxModule {}

export interface RunningSandbox {
  url: string;
  close(): Promise<void>;
}

/** A part of an upload to X may have 5 MiB. */
const maxBodyBytes = 6 * 1024 * 1024;

/** Starts the sandbox: the Petstore API under `/petstore/v2`, that of X, the page at `/`, health. Throws `ConfigError`. */
export async function startSandbox(
  env: Readonly<Record<string, string | undefined>>,
  logger: Logger,
): Promise<RunningSandbox> {
  const config = loadConfig(configSchema, env);
  const pets = new Pets();
  const world = new XWorld();
  const health = createHealth({ checks: {}, logger });
  const app = await createHttpApp(SandboxModule, { logger, maxBodyBytes });
  const fastify = app.getHttpAdapter().getInstance();
  registerHealthRoutes(fastify, health);
  await fastify.register(petstoreRoutes(pets), { prefix: '/petstore/v2' });
  await fastify.register(xRoutes(world));
  fastify.get('/', (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
      .header('x-content-type-options', 'nosniff')
      .send(
        sandboxPage({
          pets: pets.newest(pageSize),
          petCount: pets.count,
          tweets: world.tweets.latest().slice(0, pageSize),
          tweetCount: world.tweets.count,
        }),
      ),
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
