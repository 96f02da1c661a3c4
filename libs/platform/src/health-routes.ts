import type { Health } from '@millrace/process';
import type { FastifyInstance } from 'fastify';

/** Adds `GET /health/live` (the process answers) and `GET /health/ready` (200 or 503 with the checks). */
export function registerHealthRoutes(fastify: FastifyInstance, health: Health): void {
  fastify.get('/health/live', () => ({ status: 'alive' }));
  fastify.get('/health/ready', async (_request, reply) => {
    const report = await health.report();
    return reply.code(report.status === 'ready' ? 200 : 503).send(report);
  });
}
