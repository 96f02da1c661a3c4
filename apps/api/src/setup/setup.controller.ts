import { Body, Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { assertNever } from '@millrace/contracts';
import { hasAdministrator } from '@millrace/persistence';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { Answers, Refuses } from '../http/answers.js';
import { originOf } from '../http/caller.js';
import { problem } from '../http/problems.js';
import { Requires } from '../http/roles.js';
import { newSession, type NewSession } from '../sessions/schemas.js';
import { newSessionAnswer } from '../sessions/session-answers.js';
import { setupBody, setupState, type SetupBody, type SetupState } from './schemas.js';
import { setUp } from './set-up.js';

@ApiTags('Set-up')
@Controller('v1/setup')
export class SetupController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Get()
  @Requires('public')
  @ApiOperation({ summary: 'Whether Millrace has to be set up' })
  @Answers(200, 'Whether there is an administrator', setupState)
  async readSetup(): Promise<SetupState> {
    return { needed: !(await hasAdministrator(this.deps.database.dataSource.manager)) };
  }

  @Post()
  @Requires('public')
  @ApiOperation({
    summary: 'Make the first workspace and its administrator',
    description:
      'Once, while there is no administrator. `node apps/api/dist/setup-token.js` prints the token where the api runs, for ' +
      'example `docker compose exec api node apps/api/dist/setup-token.js`.',
  })
  @Answers(201, 'The session of the administrator', newSession)
  @Refuses('validation_failed', 'setup_token_wrong', 'setup_done')
  async setUp(
    @Body({ schema: setupBody }) body: SetupBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<NewSession> {
    const result = await setUp(this.deps, body, originOf(request));
    switch (result.outcome) {
      case 'setUp':
        return newSessionAnswer(result, request, reply);
      case 'done':
        throw problem('setup_done', { detail: 'Sign in, or ask an administrator for an invitation.' });
      case 'wrongToken': {
        const message = 'is not the one that `node apps/api/dist/setup-token.js` prints where the api runs';
        throw problem('setup_token_wrong', {
          detail: `\`setupToken\` ${message}.`,
          extra: { problems: [{ pointer: '/setupToken', code: 'wrong_token', message }] },
        });
      }
      default:
        return assertNever(result);
    }
  }
}
