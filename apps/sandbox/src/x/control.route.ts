import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isRecord } from './guarded-route.js';
import { sizeOf } from './media.js';
import { knownScopes } from './oauth2.js';
import { demoApp, userNamed } from './users.js';
import type { XWorld } from './world.js';

const endpoint = z.string().regex(/^(?:GET|POST|DELETE) \/2\/\S+$/);
const schemas = {
  tweet: z.object({ username: z.string(), text: z.string().min(1), inReplyTo: z.string().optional() }),
  limit: z.object({ endpoint, limit: z.int().min(0), windowSeconds: z.int().min(1).max(86_400) }),
  fault: z.object({ endpoint, status: z.int().min(400).max(599), times: z.int().min(0) }),
  grant: z.object({
    username: z.string(),
    clientId: z.string().default(demoApp.clientId),
    scopes: z.array(z.string()).default([...knownScopes]),
    lifeSeconds: z.int().min(-1).max(86_400).optional(),
  }),
  oauth2: z.object({ accessLifeSeconds: z.int().min(1).max(86_400) }),
} as const;

/**
 * What X does not have: ways for tests and demonstrations to see all tweets and media, to let somebody tweet, to set limits
 * and faults, to get tokens without a person. Not guarded, as nothing in the sandbox is.
 */
export function controlRoutes(world: XWorld): (fastify: FastifyInstance) => Promise<void> {
  const { tweets, media, limits, oauth2 } = world;
  return async (fastify) => {
    fastify.get('/tweets', () => ({
      tweets: tweets.latest().map(({ author, mediaIds, ...tweet }) => ({
        ...tweet,
        inReplyTo: tweet.inReplyTo ?? null,
        username: author.username,
        media: mediaIds.flatMap((id) => {
          const medium = media.find(id, author);
          return medium ? [{ id, mediaType: medium.mediaType, bytes: sizeOf(medium) }] : [];
        }),
      })),
    }));

    fastify.get<{ Params: { id: string } }>('/media/:id', (request, reply) => {
      const owner = tweets.latest().find(({ mediaIds }) => mediaIds.includes(request.params.id))?.author;
      const medium = owner && media.find(request.params.id, owner);
      if (!medium) return reply.code(404).send({ message: 'no tweet has such a medium' });
      // Whatever it is, a browser must not show it as a page of this origin.
      return reply
        .type('application/octet-stream')
        .headers({ 'content-disposition': 'attachment', 'x-content-type-options': 'nosniff' })
        .send(Buffer.concat(medium.parts));
    });

    fastify.post('/tweets', (request, reply) => {
      const asked = schemas.tweet.safeParse(request.body);
      const author = asked.success ? userNamed(asked.data.username) : undefined;
      if (!asked.success || !author)
        return reply.code(400).send({ message: 'give username of a user, text, inReplyTo' });
      const { id } = tweets.add(author, asked.data);
      return reply.code(201).send({ id });
    });

    fastify.put('/limits', (request, reply) => {
      const asked = schemas.limit.safeParse(request.body);
      if (!asked.success) return reply.code(400).send({ message: 'give endpoint, limit, windowSeconds' });
      limits.change(asked.data.endpoint, asked.data);
      return reply.code(204).send();
    });

    fastify.put('/faults', (request, reply) => {
      const asked = schemas.fault.safeParse(request.body);
      if (!asked.success) return reply.code(400).send({ message: 'give endpoint, status, times' });
      world.setFault(asked.data.endpoint, asked.data);
      return reply.code(204).send();
    });

    fastify.post('/oauth2/tokens', (request, reply) => {
      const asked = schemas.grant.safeParse(request.body);
      const user = asked.success ? userNamed(asked.data.username) : undefined;
      if (!asked.success || !user || !oauth2.isClient(asked.data.clientId)) {
        return reply.code(400).send({ message: 'give username, and if need be clientId, scopes, lifeSeconds' });
      }
      const { clientId, scopes, lifeSeconds } = asked.data;
      return reply.code(201).send(oauth2.issue({ user, clientId, scopes: new Set(scopes) }, lifeSeconds));
    });

    fastify.get('/oauth2', () => ({ refreshes: oauth2.refreshes }));

    fastify.put('/oauth2', (request, reply) => {
      const asked = schemas.oauth2.safeParse(request.body);
      if (!asked.success) return reply.code(400).send({ message: 'give accessLifeSeconds' });
      oauth2.setAccessLife(asked.data.accessLifeSeconds);
      return reply.code(204).send();
    });

    fastify.delete('/oauth2/tokens', (request, reply) => {
      const revoked = isRecord(request.body) ? request.body['token'] : undefined;
      if (typeof revoked === 'string') oauth2.revoke(revoked);
      else oauth2.expireAccessTokens();
      return reply.code(204).send();
    });

    fastify.delete('/', (_request, reply) => {
      world.reset();
      return reply.code(204).send();
    });
  };
}
