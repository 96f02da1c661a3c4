import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../http/caller.js';
import { problem } from '../http/problems.js';
import type { BegunSession } from './begin-session.js';
import type { CurrentSession, NewSession } from './schemas.js';
import { absoluteMs } from './session-life.js';
import { cookieAttributes, cookieName } from './session-token.js';

/** A session as its holder sees it. */
export function sessionView(
  session: Pick<Caller, 'userId' | 'email' | 'name' | 'role' | 'workspaceId' | 'workspaceName' | 'expiresAt'> & {
    apiToken?: Caller['apiToken'];
  },
): CurrentSession {
  return {
    user: { id: session.userId, email: session.email, name: session.name, role: session.role },
    workspace: { id: session.workspaceId, name: session.workspaceName },
    expiresAt: session.expiresAt?.toISOString() ?? null,
    ...(session.apiToken && { apiToken: session.apiToken }),
  };
}

/** Answers a session that has just begun, and sets its cookie. */
export function newSessionAnswer(
  { token, account, expiresAt }: BegunSession,
  request: FastifyRequest,
  reply: FastifyReply,
): NewSession {
  reply.setCookie(cookieName(request), token, { ...cookieAttributes(request), maxAge: absoluteMs / 1_000 });
  return { token, ...sessionView({ ...account, expiresAt }) };
}

/** The answer to who has failed too often to be let try again now. */
export function tooManyFailures(retryAfterSeconds: number): ReturnType<typeof problem> {
  return problem('too_many_requests', {
    detail: `Too many failed sign-ins. Try again in ${retryAfterSeconds} seconds.`,
    headers: { 'retry-after': String(retryAfterSeconds) },
  });
}
