import { Body, Controller, Delete, Get, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { assertNever } from '@millrace/contracts';
import { sessionRepository } from '@millrace/persistence';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { Answers, Refuses } from '../http/answers.js';
import { CurrentCaller, type Caller } from '../http/caller.js';
import { problem } from '../http/problems.js';
import { Requires } from '../http/roles.js';
import { currentSession, newSession, signInBody, type CurrentSession, type NewSession } from './schemas.js';
import { absoluteMs } from './session-life.js';
import { cookieAttributes, cookieName } from './session-token.js';
import { signIn } from './sign-in.js';

@ApiTags('Sessions')
@Controller('v1/sessions')
export class SessionsController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Post()
  @Requires('public')
  @ApiOperation({ summary: 'Sign in', description: 'Answers a token and sets it as a cookie for browsers.' })
  @Answers(201, 'The new session', newSession)
  @Refuses('validation_failed', 'wrong_sign_in', 'too_many_requests')
  async createSession(
    @Body({ schema: signInBody }) body: z.output<typeof signInBody>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<NewSession> {
    const result = await signIn(this.deps, { ...body, address: request.ip });
    switch (result.outcome) {
      case 'tooMany':
        throw problem('too_many_requests', {
          detail: `Too many failed sign-ins. Try again in ${result.retryAfterSeconds} seconds.`,
          headers: { 'retry-after': String(result.retryAfterSeconds) },
        });
      case 'wrong':
        throw problem('wrong_sign_in', { headers: { 'www-authenticate': 'Bearer' } });
      case 'signedIn': {
        const { token, account, expiresAt } = result;
        reply.setCookie(cookieName(request), token, {
          ...cookieAttributes(request),
          maxAge: absoluteMs / 1_000,
        });
        return { token, ...sessionView({ ...account, expiresAt }) };
      }
      default:
        return assertNever(result);
    }
  }

  @Get('current')
  @Requires('member')
  @ApiOperation({ summary: 'Who is signed in' })
  @Answers(200, 'The session of this request', currentSession)
  readCurrentSession(@CurrentCaller() caller: Caller): CurrentSession {
    return sessionView(caller);
  }

  @Delete('current')
  @Requires('member')
  @ApiOperation({ summary: 'Sign out' })
  @Answers(204, 'The token is no longer good')
  async deleteCurrentSession(
    @CurrentCaller() caller: Caller,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    await sessionRepository(this.deps.database.dataSource.manager).remove(caller.workspaceId, caller.tokenHash);
    reply.clearCookie(cookieName(request), cookieAttributes(request));
  }
}

function sessionView(
  session: Pick<Caller, 'userId' | 'email' | 'name' | 'role' | 'workspaceId' | 'workspaceName' | 'expiresAt'>,
): CurrentSession {
  return {
    user: { id: session.userId, email: session.email, name: session.name, role: session.role },
    workspace: { id: session.workspaceId, name: session.workspaceName },
    expiresAt: session.expiresAt.toISOString(),
  };
}
