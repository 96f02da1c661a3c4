import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { authorizePage } from './authorize-page.js';
import { formOf } from './form-body.js';
import { knownScopes, same, type OAuth2 } from './oauth2.js';
import { demoApp, userNamed, users, type XUser } from './users.js';

interface Authorization {
  clientId: string;
  redirectUri: string;
  state: string;
  challenge: string;
  scopes: ReadonlySet<string>;
}

type Query = Readonly<Record<string, string | undefined>>;

/**
 * Authorization code with PKCE: the page on which a person lets an app act for them, which at X is at x.com, and the token
 * endpoint. Any redirect URI is taken, because a demo runs on any port; at X it must have been registered.
 */
export function oauth2Routes(oauth2: OAuth2): (fastify: FastifyInstance) => Promise<void> {
  return async (fastify) => {
    fastify.get<{ Querystring: Query }>('/i/oauth2/authorize', (request, reply) => {
      const asked = readAuthorization(oauth2, request.query);
      if (typeof asked === 'string') return refuseToAsk(reply, asked);
      const action = `/i/oauth2/authorize${request.url.slice(request.url.indexOf('?'))}`;
      return sendPage(reply, 200, authorizePage({ action, client: asked.clientId, scopes: [...asked.scopes], users }));
    });

    fastify.post<{ Querystring: Query }>('/i/oauth2/authorize', (request, reply) => {
      const asked = readAuthorization(oauth2, request.query);
      if (typeof asked === 'string') return refuseToAsk(reply, asked);
      const form = formOf(request);
      const user = userNamed(form.get('username') ?? '');
      const back = new URL(asked.redirectUri);
      back.searchParams.set('state', asked.state);
      if (form.get('decision') === 'allow' && user) back.searchParams.set('code', codeFor(oauth2, asked, user));
      else back.searchParams.set('error', 'access_denied');
      return reply.redirect(back.href, 302);
    });

    fastify.post('/2/oauth2/token', (request, reply) => {
      const form = formOf(request);
      const clientId = clientOf(request, form);
      if (clientId === undefined) {
        return reply
          .code(401)
          .send({ error: 'unauthorized_client', error_description: 'Missing valid authorization header' });
      }
      const value = (name: string): string => form.get(name) ?? '';
      const grantType = value('grant_type');
      if (grantType !== 'authorization_code' && grantType !== 'refresh_token') {
        return reply.code(400).send({ error: 'unsupported_grant_type', error_description: 'Unsupported grant type' });
      }
      const answer =
        grantType === 'refresh_token'
          ? oauth2.exchangeRefreshToken(clientId, value('refresh_token'))
          : oauth2.exchangeCode(clientId, {
              code: value('code'),
              redirectUri: value('redirect_uri'),
              verifier: value('code_verifier'),
            });
      void reply.header('cache-control', 'no-store');
      if (answer.ok) return reply.send(answer.tokens);
      return reply.code(answer.status).send({ error: answer.error, error_description: answer.description });
    });

    fastify.post('/2/oauth2/revoke', (request, reply) => {
      const form = formOf(request);
      if (clientOf(request, form) === undefined) return reply.code(401).send({ error: 'unauthorized_client' });
      oauth2.revoke(form.get('token') ?? '');
      return reply.send({ revoked: true });
    });
  };
}

/** What an app asks for, or what is wrong with the way it asks. */
function readAuthorization(oauth2: OAuth2, query: Query): Authorization | string {
  const { client_id: clientId, redirect_uri: redirectUri = '', state = '', code_challenge: challenge = '' } = query;
  if (clientId === undefined || !oauth2.isClient(clientId)) return 'client_id: the app is not known';
  if (!URL.canParse(redirectUri) || !/^https?:$/.test(new URL(redirectUri).protocol)) {
    return 'redirect_uri: must be an http or https address';
  }
  if (query['response_type'] !== 'code') return 'response_type: must be code';
  if (state === '' || state.length > 500) return 'state: must have 1 to 500 characters';
  if (query['code_challenge_method']?.toUpperCase() !== 'S256') return 'code_challenge_method: must be S256';
  if (!/^[\w-]{43}$/.test(challenge)) return 'code_challenge: must be a SHA-256 as base64url';
  const scopes = new Set((query['scope'] ?? '').split(' ').filter((scope) => scope !== ''));
  const unknown = [...scopes].find((scope) => !(knownScopes as readonly string[]).includes(scope));
  if (unknown !== undefined || scopes.size === 0) return `scope: must be some of ${knownScopes.join(', ')}`;
  return { clientId, redirectUri, state, challenge, scopes };
}

function codeFor(oauth2: OAuth2, { clientId, redirectUri, challenge, scopes }: Authorization, user: XUser): string {
  return oauth2.grantCode({ user, clientId, redirectUri, challenge, scopes });
}

/** The client that calls: one with a secret proves itself by Basic, one without names itself in the form. */
function clientOf(request: FastifyRequest, form: URLSearchParams): string | undefined {
  const basic = /^Basic\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (basic === undefined) {
    return form.get('client_id') === demoApp.publicClientId ? demoApp.publicClientId : undefined;
  }
  const [id = '', secret = ''] = Buffer.from(basic, 'base64').toString('utf8').split(':');
  return id === demoApp.clientId && same(secret, demoApp.clientSecret) ? id : undefined;
}

/** Never by redirect: the address may be the fault. */
function refuseToAsk(reply: FastifyReply, fault: string): FastifyReply {
  return reply.code(400).send({ error: 'invalid_request', error_description: fault });
}

function sendPage(reply: FastifyReply, status: number, html: string): FastifyReply {
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .headers({
      // No form-action: browsers apply it to where the answer of the form redirects, too.
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    .send(html);
}
