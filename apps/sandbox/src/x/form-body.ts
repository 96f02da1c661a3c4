import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Forms as `URLSearchParams`, and any other body that is not JSON as bytes, for one plugin. */
export function takeFormsAndBytes(fastify: FastifyInstance): void {
  fastify.removeContentTypeParser('application/x-www-form-urlencoded');
  fastify.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, new URLSearchParams(String(body))),
  );
  fastify.addContentTypeParser('multipart/form-data', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
}

/** The form of the body; empty when there is none. */
export function formOf(request: FastifyRequest): URLSearchParams {
  return request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
}
