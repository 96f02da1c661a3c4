import type { FastifyRequest } from 'fastify';
import type { OAuth1Verifier } from './oauth1-check.js';
import type { OAuth2, Scope } from './oauth2.js';
import { problem, unauthorized, type Refusal } from './problems.js';
import type { XUser } from './users.js';

export type Caller = { ok: true; user: XUser } | { ok: false; refusal: Refusal };

/**
 * Who calls the API: a user whose keys signed the request (OAuth 1.0a), or for whom a bearer token stands that has all
 * the scopes of the route. Call it when the body has been read, for a signature covers the fields of a form.
 */
export function authenticate(
  { oauth1, oauth2 }: { oauth1: OAuth1Verifier; oauth2: OAuth2 },
  request: FastifyRequest,
  scopes: readonly Scope[],
): Caller {
  const header = request.headers.authorization ?? '';
  const bearer = /^Bearer\s+(\S+)$/i.exec(header)?.[1];
  if (bearer === undefined) {
    if (header === '') return { ok: false, refusal: unauthorized() };
    const [path = '', query = ''] = request.url.split('?', 2);
    const url = `${request.protocol}://${request.headers.host ?? ''}${path}`;
    const form = request.body instanceof URLSearchParams ? [...request.body] : [];
    const parameters = [...new URLSearchParams(query), ...form];
    return oauth1.check(header, { method: request.method, url, parameters });
  }
  const grant = oauth2.find(bearer);
  if (!grant) return { ok: false, refusal: unauthorized() };
  const missing = scopes.filter((scope) => !grant.scopes.has(scope));
  if (missing.length > 0) {
    return { ok: false, refusal: problem(403, 'Forbidden', `The token lacks the scope ${missing.join(', ')}.`) };
  }
  return { ok: true, user: grant.user };
}
