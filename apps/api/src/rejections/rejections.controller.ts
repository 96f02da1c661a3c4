import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { requestIdOf, type FlowId, type RunId } from '@millrace/contracts';
import { flowRepository, listRejections, type RejectionRow } from '@millrace/persistence';
import type { z } from 'zod';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { flowIdParam, missingFlow } from '../flows/flows.controller.js';
import { Answers, Refuses } from '../http/answers.js';
import { CurrentCaller, type Caller } from '../http/caller.js';
import { cursorId } from '../http/fields.js';
import { Requires } from '../http/roles.js';
import {
  rejectionList,
  rejectionQuery,
  workspaceRejectionQuery,
  type Rejection,
  type RejectionList,
} from './schemas.js';

@ApiTags('Flows')
@Controller('v1')
export class RejectionsController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Get('flows/:flowId/rejections')
  @Requires('member')
  @ApiOperation({
    summary: 'List requests that were refused',
    description:
      'Newest first: why they were not received. Their bodies are not kept, and not all requests of a flood.',
  })
  @Answers(200, 'A page of refused requests', rejectionList)
  @Refuses('not_found')
  async listRejections(
    @CurrentCaller() caller: Caller,
    @Param('flowId', { schema: flowIdParam }) flowId: FlowId,
    @Query({ schema: rejectionQuery }) query: z.output<typeof rejectionQuery>,
  ): Promise<RejectionList> {
    const { manager } = this.deps.database.dataSource;
    if (!(await flowRepository(manager).find(caller.workspaceId, flowId))) throw missingFlow();
    return this.read(caller, { ...query, flowId });
  }

  @Get('rejections')
  @Requires('member')
  @ApiOperation({
    summary: 'List requests to all flows that were refused',
    description: 'Newest first. Those to a flow that was deleted are among them.',
  })
  @Answers(200, 'A page of refused requests', rejectionList)
  listAllRejections(
    @CurrentCaller() caller: Caller,
    @Query({ schema: workspaceRejectionQuery }) query: z.output<typeof workspaceRejectionQuery>,
  ): Promise<RejectionList> {
    return this.read(caller, query);
  }

  private async read(caller: Caller, query: z.output<typeof workspaceRejectionQuery>): Promise<RejectionList> {
    const { manager } = this.deps.database.dataSource;
    const { cursor, ...filter } = query;
    const page = await listRejections(manager, caller.workspaceId, {
      ...filter,
      before: cursorId<RunId>(cursor),
    });
    return { items: page.items.map(rejectionView), nextCursor: page.next };
  }
}

function rejectionView(row: RejectionRow): Rejection {
  return { ...row, requestId: requestIdOf(row.id), receivedAt: row.receivedAt.toISOString() };
}
