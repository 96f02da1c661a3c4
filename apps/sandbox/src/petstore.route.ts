import type { FastifyInstance, FastifyReply } from 'fastify';
import type { z } from 'zod';
import { changedPetSchema, newPetSchema, statuses, statusSchema, type Pets } from './pets.js';

/** Public: the sandbox guards nothing, the key is there so that a flow has one to send. */
export const apiKey = 'secret';

/**
 * The Petstore API, as a Fastify plugin for the prefix `/petstore/v2`. Every refusal is `{ "message": … }` in words.
 * Plain Fastify, because load tests use it as their target.
 */
export function petstoreRoutes(pets: Pets): (fastify: FastifyInstance) => Promise<void> {
  return async (fastify) => {
    fastify.setErrorHandler<Error & { statusCode?: number }>((error, _request, reply) => {
      const status = error.statusCode ?? 500;
      return refuse(reply, status, status < 500 ? error.message : 'The sandbox failed');
    });

    fastify.addHook('onRequest', async (request, reply) => {
      const given = request.headers['api-key'];
      if (given === apiKey) return;
      await refuse(
        reply.header('www-authenticate', 'ApiKey'),
        401,
        given === undefined ? 'the header api-key is missing' : 'the API key is not known',
      );
    });

    fastify.get('/user/me', () => ({ id: 1, username: 'sandbox' }));

    fastify.post('/pet', (request, reply) => {
      const pet = newPetSchema.safeParse(request.body ?? {});
      if (!pet.success) return refuse(reply, 400, faultOf(pet.error));
      return reply.code(201).send(pets.add(pet.data));
    });

    fastify.put('/pet', (request, reply) => {
      const pet = changedPetSchema.safeParse(request.body ?? {});
      if (!pet.success) return refuse(reply, 400, faultOf(pet.error));
      const changed = pets.change(pet.data);
      return changed ? reply.send(changed) : refuse(reply, 404, `there is no pet ${pet.data.id}`);
    });

    fastify.get('/store/inventory', () => pets.inventory());

    fastify.get('/pet/statuses', () => statuses);

    fastify.get<{ Querystring: { status?: string | string[] } }>('/pet/findByStatus', (request, reply) => {
      const given = [request.query.status ?? []].flat().flatMap((list) => list.split(','));
      if (given.length === 0) return refuse(reply, 400, 'status: is missing');
      const wanted = statusSchema.array().safeParse(given);
      if (!wanted.success) return refuse(reply, 400, `status: must be one of ${statuses.join(', ')}`);
      return reply.send(pets.withStatus(new Set(wanted.data)));
    });

    fastify.get<{ Params: { id: string } }>('/pet/:id', (request, reply) => {
      const { id } = request.params;
      if (!/^\d{1,15}$/.test(id)) return refuse(reply, 400, 'id: must be a whole number');
      const pet = pets.find(Number(id));
      return pet ? reply.send(pet) : refuse(reply, 404, `there is no pet ${id}`);
    });
  };
}

function refuse(reply: FastifyReply, status: number, message: string): FastifyReply {
  return reply.code(status).send({ message });
}

function faultOf(error: z.ZodError): string {
  return error.issues
    .map(
      (issue) =>
        `${issue.path.join('.') || 'the body'}: ${issue.path.length === 0 ? 'must be an object' : issue.message}`,
    )
    .join('; ');
}
