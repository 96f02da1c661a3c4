import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { findActiveApiToken, noteApiTokenUse, sessionRepository } from '@millrace/persistence';
import type { FastifyRequest } from 'fastify';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { originOf, rememberCaller, type Caller } from '../http/caller.js';
import { problem } from '../http/problems.js';
import { requiredRoleKey, suffices, type RequiredRole } from '../http/roles.js';
import { extensionOf } from './session-life.js';
import { hashToken, isApiToken, tokenOf } from './session-token.js';

/** Lets a request through to a route when its caller has the role that the route declares. */
@Injectable()
export class RoleGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    @Inject(API_DEPS) private readonly deps: ApiDeps,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const required = this.reflector.get<RequiredRole | undefined>(requiredRoleKey, context.getHandler());
    if (required === 'public') return true;
    if (required === undefined) throw problem('forbidden', { detail: 'This route does not say who may call it.' });
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const caller = await findCaller(this.deps, request);
    if (!caller) throw unauthorized();
    if (!suffices(caller.role, required)) {
      throw problem('forbidden', { detail: `Only the role ${required} may do this.` });
    }
    rememberCaller(request, caller);
    return true;
  }
}

function unauthorized(): ReturnType<typeof problem> {
  return problem('unauthorized', {
    detail: 'Sign in with POST /v1/sessions and send the token, or an API token, as Authorization: Bearer.',
    headers: { 'www-authenticate': 'Bearer' },
  });
}

/** Who holds the token of a request; `undefined` without a token and with one that is not good (any more). */
async function findCaller(deps: Pick<ApiDeps, 'database'>, request: FastifyRequest): Promise<Caller | undefined> {
  const token = tokenOf(request);
  if (token === undefined) return undefined;
  const tokenHash = hashToken(token);
  const { manager } = deps.database.dataSource;
  if (isApiToken(token)) {
    const found = await findActiveApiToken(manager, tokenHash);
    if (!found) return undefined;
    const { id, name, userName, stale, ...whose } = found;
    if (stale) await noteApiTokenUse(manager, found.workspaceId, id);
    return { ...whose, name: userName, apiToken: { id, name }, tokenHash, ...originOf(request) };
  }
  const sessions = sessionRepository(manager);
  const session = await sessions.findActive(tokenHash);
  if (!session) return undefined;
  const extendedTo = extensionOf(session, new Date());
  if (extendedTo) await sessions.extend(session.workspaceId, tokenHash, extendedTo);
  const { createdAt: _, ...whose } = session;
  const expiresAt = extendedTo ?? session.expiresAt;
  return { ...whose, apiToken: null, tokenHash, expiresAt, ...originOf(request) };
}
