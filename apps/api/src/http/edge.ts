import fastifyCookie from '@fastify/cookie';
import type { Logger } from '@millrace/observability';
import { databaseFault } from '@millrace/persistence';
import { errorAnswerer, ProblemError, ProblemFilter } from '@millrace/platform';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { problem } from './problems.js';
import { queryRefusal, readJsonBody } from './json-body.js';

/** Large enough for the largest draft. */
export const maxBodyBytes = 4 * 1024 * 1024;

/** The documentation page styles itself inline and draws its icons as data; nothing else may load anything. */
const docsPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Says 503 instead of 500 for what failed only because the database is away. */
export function databaseAwareFilter(logger: Logger): ProblemFilter {
  const answer = errorAnswerer(logger);
  return new ProblemFilter((error, request, reply) => {
    // A problem is an answer already, whatever words of a component or a user it repeats.
    if (error instanceof ProblemError || databaseFault(error) !== 'transient') return answer(error, request, reply);
    logger.warn({ err: error, requestId: request.id }, 'the database did not answer');
    const detail = 'The database cannot be reached at the moment. Try again.';
    return answer(problem('unavailable', { detail, headers: { 'retry-after': '5' } }), request, reply);
  });
}

/** What every request passes before a route sees it: security headers, the checks of origin and query, cookies, JSON only. */
export async function prepareEdge(app: NestFastifyApplication): Promise<void> {
  app.useSecurityHeaders({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: "'none'",
        styleSrc: "'self'",
        baseUri: "'none'",
        formAction: "'none'",
        frameAncestors: "'none'",
      },
    },
    strictTransportSecurity: { includeSubDomains: false },
    xFrameOptions: { action: 'deny' },
  });
  // A page of another origin cannot make a signed-in browser change anything: `Sec-Fetch-Site`, or `Origin` against
  // `Host`, gives it away.
  app.enableCsrfProtection();

  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', (request, reply, done) => {
    if (request.url.startsWith('/v1/docs')) reply.header('content-security-policy', docsPolicy);
    else reply.header('cache-control', 'no-store');
    const refusal = queryRefusal(request.query);
    done(refusal === undefined ? undefined : problem('invalid_request', { detail: refusal }));
  });
  await app.register(fastifyCookie);

  app.useBodyParser('application/json', { bodyLimit: maxBodyBytes }, (_request, body, done) => {
    done(null, readJsonBody(body));
  });
  fastify.removeContentTypeParser('text/plain');
  app.useBodyParser('application/x-www-form-urlencoded', { bodyLimit: maxBodyBytes }, () => {
    throw problem('unsupported_media_type', { detail: 'Send the body as application/json.' });
  });
}
