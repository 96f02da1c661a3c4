import { Body, Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { Answers, Refuses } from '../http/answers.js';
import { originOf } from '../http/caller.js';
import { problem } from '../http/problems.js';
import { Requires } from '../http/roles.js';
import { newSession, type NewSession } from '../sessions/schemas.js';
import { newSessionAnswer } from '../sessions/session-answers.js';
import { acceptInvitationBody } from './schemas.js';
import { acceptInvitation } from './user-changes.js';

@ApiTags('Users')
@Controller('v1/invitations')
export class InvitationsController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Post('accept')
  @Requires('public')
  @ApiOperation({
    summary: 'Choose a password by a one-time link',
    description: 'Signs the user in, and ends every other session of the user. The link is good once.',
  })
  @Answers(201, 'The new session', newSession)
  @Refuses('validation_failed', 'invitation_unknown')
  async acceptInvitation(
    @Body({ schema: acceptInvitationBody }) body: z.output<typeof acceptInvitationBody>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<NewSession> {
    const session = await acceptInvitation(this.deps, { ...body, ...originOf(request) });
    if (!session) {
      throw problem('invitation_unknown', {
        detail: 'It was used already, has expired, or was replaced. Ask an administrator for a new one.',
      });
    }
    return newSessionAnswer(session, request, reply);
  }
}
