import { Body, Controller, Delete, Get, Inject, Post, Put, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { assertNever } from '@millrace/contracts';
import { noteAct, sessionRepository } from '@millrace/persistence';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { Answers, Refuses } from '../http/answers.js';
import { CurrentCaller, originOf, type Caller } from '../http/caller.js';
import { refusedField } from '../http/fields.js';
import { problem } from '../http/problems.js';
import { Requires } from '../http/roles.js';
import { changePassword } from './change-password.js';
import {
  changePasswordBody,
  currentSession,
  newSession,
  signInBody,
  type CurrentSession,
  type NewSession,
} from './schemas.js';
import { newSessionAnswer, sessionView, tooManyFailures } from './session-answers.js';
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
  @Refuses('validation_failed', 'wrong_sign_in', 'user_disabled', 'too_many_requests')
  async createSession(
    @Body({ schema: signInBody }) body: z.output<typeof signInBody>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<NewSession> {
    const result = await signIn(this.deps, { ...body, ...originOf(request) });
    switch (result.outcome) {
      case 'tooMany':
        throw tooManyFailures(result.retryAfterSeconds);
      case 'wrong':
        throw problem('wrong_sign_in', { headers: { 'www-authenticate': 'Bearer' } });
      case 'disabled':
        throw problem('user_disabled', { detail: 'Ask an administrator of your workspace to enable it again.' });
      case 'signedIn':
        return newSessionAnswer(result, request, reply);
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
  @Refuses('forbidden')
  async deleteCurrentSession(
    @CurrentCaller() caller: Caller,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    if (caller.apiToken) {
      throw problem('forbidden', { detail: `End an API token with DELETE /v1/api-tokens/${caller.apiToken.id}.` });
    }
    await this.deps.database.dataSource.transaction(async (manager) => {
      await sessionRepository(manager).remove(caller.workspaceId, caller.tokenHash);
      const { userId, email } = caller;
      await noteAct(manager, caller, { action: 'user.signed_out', entityId: userId, entityName: email });
    });
    reply.clearCookie(cookieName(request), cookieAttributes(request));
  }

  @Put('current/password')
  @Requires('member')
  @ApiOperation({
    summary: 'Change your password',
    description:
      'Ends your other sessions, and a one-time link that is open; API tokens stay. A wrong present password counts as a ' +
      'failed sign-in.',
  })
  @Answers(204, 'The new password is good from now on')
  @Refuses('forbidden', 'validation_failed', 'too_many_requests')
  async changePassword(
    @CurrentCaller() caller: Caller,
    @Body({ schema: changePasswordBody }) body: z.output<typeof changePasswordBody>,
  ): Promise<void> {
    if (caller.apiToken) {
      throw problem('forbidden', { detail: 'Sign in with POST /v1/sessions to do this: an API token cannot.' });
    }
    const change = await changePassword(this.deps, caller, body);
    switch (change.outcome) {
      case 'changed':
        return;
      case 'wrong':
        throw refusedField('/currentPassword', 'wrong_password', 'is not your present password');
      case 'same':
        throw refusedField('/newPassword', 'same_password', 'must differ from the present password');
      case 'tooMany':
        throw tooManyFailures(change.retryAfterSeconds);
      default:
        assertNever(change);
    }
  }
}
