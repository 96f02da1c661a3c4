import type { FastifyInstance } from 'fastify';
import { controlRoutes } from './control.route.js';
import { takeFormsAndBytes } from './form-body.js';
import { mediaRoutes } from './media.route.js';
import { oauth2Routes } from './oauth2.route.js';
import { problem, sendRefusal } from './problems.js';
import { tweetRoutes } from './tweets.route.js';
import type { XWorld } from './world.js';

/** The stand-in for the X API as a Fastify plugin: `/2/…`, `/i/oauth2/authorize`, and its own `/sandbox/x/…`. */
export function xRoutes(world: XWorld): (fastify: FastifyInstance) => Promise<void> {
  return async (fastify) => {
    takeFormsAndBytes(fastify);
    fastify.setErrorHandler<Error & { statusCode?: number }>((error, _request, reply) => {
      const status = error.statusCode ?? 500;
      return sendRefusal(
        reply,
        status < 500 ? problem(status, 'Invalid Request', error.message) : problem(500, 'Internal Server Error'),
      );
    });
    await fastify.register(tweetRoutes(world));
    await fastify.register(mediaRoutes(world));
    await fastify.register(oauth2Routes(world.oauth2));
    await fastify.register(controlRoutes(world), { prefix: '/sandbox/x' });
  };
}
