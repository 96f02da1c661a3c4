import { Controller, Get, Inject, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { assertNever } from '@millrace/contracts';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { Answers, Refuses } from '../http/answers.js';
import { CurrentCaller, type Caller } from '../http/caller.js';
import { problem } from '../http/problems.js';
import { Requires } from '../http/roles.js';
import { openEventStream } from './event-stream.js';
import { maxPerUser } from './live.js';
import { liveChange, liveQuery } from './schemas.js';

@ApiTags('Live')
@Controller('v1/live')
export class LiveController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Get()
  @Requires('member')
  @ApiProduces('text/event-stream')
  @ApiOperation({
    summary: 'What changes in the workspace, as it happens',
    description:
      'Server-sent events. `ready`: read anew what you show, for changes may have been missed until now; it comes first, and ' +
      'again after an interruption behind this connection. `change`: its data says what; at most one of a kind and flow in half ' +
      'a second, with a count in place of the ids when there were several. Runs are looked at once a second: the newest of the ' +
      'workspace, those that were open, and those in `runId`. The stream ends with the session or API token, and for a reader who does ' +
      `not keep up. A user has at most ${maxPerUser} of them per process of the API.`,
  })
  @Answers(200, 'Events `ready` and `change` until one side ends it', liveChange)
  @Refuses('too_many_requests', 'unavailable')
  async readLive(
    @CurrentCaller() caller: Caller,
    @Query({ schema: liveQuery }) { runId = [] }: z.output<typeof liveQuery>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { userId, workspaceId, role, tokenHash } = caller;
    const reader = { userId, workspaceId, role, tokenHash, runIds: runId };
    const joining = await this.deps.live.join(reader, (leave) => openEventStream(reply, leave));
    switch (joining.outcome) {
      case 'joined':
        return;
      case 'tooManyOfUser':
        throw problem('too_many_requests', {
          detail: `You have ${maxPerUser} such connections already. Close other windows.`,
          headers: { 'retry-after': '30' },
        });
      case 'full':
        throw problem('unavailable', {
          detail: 'No further connection can be taken at the moment. Try again.',
          headers: { 'retry-after': '10' },
        });
      default:
        assertNever(joining.outcome);
    }
  }
}
