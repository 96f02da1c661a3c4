import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { authenticate } from './authenticate.js';
import type { Scope } from './oauth2.js';
import { problem, sendRefusal, type Refusal } from './problems.js';
import type { XUser } from './users.js';
import type { XWorld } from './world.js';

export interface XCall {
  user: XUser;
  params: Readonly<Record<string, string>>;
  query: Readonly<Record<string, string | undefined>>;
  body: Readonly<Record<string, unknown>>;
  request: FastifyRequest;
}

export interface XAnswer {
  status?: number;
  body: unknown;
}

export interface GuardedRoute {
  method: 'GET' | 'POST' | 'DELETE';
  url: string;
  scopes: readonly Scope[];
  handle(call: XCall): Promise<XAnswer | Refusal> | XAnswer | Refusal;
}

/** Adds a route of the API: who calls is known, has the scopes, and has calls left. */
export function guardedRoute(fastify: FastifyInstance, world: XWorld, route: GuardedRoute): void {
  const endpoint = `${route.method} ${route.url}`;
  fastify.route({
    method: route.method,
    url: route.url,
    handler: async (request, reply): Promise<FastifyReply> => {
      const fault = world.takeFault(endpoint);
      if (fault !== undefined) return sendRefusal(reply, problem(fault, 'Service Unavailable'));
      const caller = authenticate(world, request, route.scopes);
      if (!caller.ok) return sendRefusal(reply, caller.refusal);
      const { allowed, headers } = world.limits.take(endpoint, caller.user.id);
      void reply.headers(headers);
      if (!allowed) return sendRefusal(reply, problem(429, 'Too Many Requests'));
      const answer = await route.handle({
        user: caller.user,
        params: request.params as Record<string, string>,
        query: request.query as Record<string, string | undefined>,
        body: isRecord(request.body) ? request.body : {},
        request,
      });
      return reply.code(answer.status ?? 200).send(answer.body);
    },
  });
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof URLSearchParams);
}
