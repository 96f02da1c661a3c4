import type { FastifyInstance } from 'fastify';
import { componentFilesPath } from './component-files.route.js';

/** Over which not even a large upload may take. */
export const uploadTimeoutMs = 15 * 60_000;
const bodyTimeoutMs = 30_000;

/**
 * The server waits as long for a body as the upload of a file may take. All other bodies are small: who sends one of
 * them for longer is answered 408 and cut off.
 */
export function limitSlowBodies(fastify: FastifyInstance, timeoutMs: number = bodyTimeoutMs): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const { raw } = request;
    const hasBody = raw.headers['content-length'] !== undefined || raw.headers['transfer-encoding'] !== undefined;
    if (hasBody && !request.url.startsWith(componentFilesPath)) {
      const timer = setTimeout(() => {
        if (raw.complete || reply.raw.headersSent) return;
        reply.hijack();
        reply.raw.writeHead(408, { connection: 'close' }).end(() => raw.destroy());
      }, timeoutMs);
      raw.once('close', () => clearTimeout(timer));
    }
    done();
  });
}
