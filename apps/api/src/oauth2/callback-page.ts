import type { FastifyInstance } from 'fastify';

const callbackPath = '/v1/credentials/oauth2/callback';

/**
 * A person comes back from another system by a browser, which shows what it gets: it is led to a page of the console, which
 * calls the callback itself and says in words what came of it. Programs, that page included, ask for no page and get JSON.
 */
export function leadCallbackToPage(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const { url, method, headers } = request;
    const isBrowser = method === 'GET' && url.startsWith(`${callbackPath}?`) && headers.accept?.includes('text/html');
    if (!isBrowser) return done();
    return reply.redirect(`/connected${url.slice(callbackPath.length)}`, 303);
  });
}
