import { Body, Controller, Delete, Get, Inject, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { assertNever, newId, type FlowId } from '@millrace/contracts';
import { emptyDraft } from '@millrace/flow-model';
import { flowRepository, noteAct, type FlowRow } from '@millrace/persistence';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { Answers, Refuses } from '../http/answers.js';
import { CurrentCaller, type Caller } from '../http/caller.js';
import { fieldChanges } from '../http/field-changes.js';
import { cursorId, idParam } from '../http/fields.js';
import { problem } from '../http/problems.js';
import { Requires } from '../http/roles.js';
import { cancelQueuedRuns, copyFlow, removeFlow, startFlow, stopFlow } from './flow-changes.js';
import {
  copyFlowBody,
  createFlowBody,
  flowList,
  flowQuery,
  flowSchema,
  renameFlowBody,
  stopFlowBody,
  type Flow,
  type FlowList,
} from './schemas.js';
import { draftChanges } from './save-draft.js';
import { flowView, flowViews } from './views.js';

export const flowIdParam = idParam<FlowId>('flow');

@ApiTags('Flows')
@Controller('v1/flows')
export class FlowsController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Post()
  @Requires('member')
  @ApiOperation({ summary: 'Create a flow', description: 'The draft may be incomplete, or left out.' })
  @Answers(201, 'The flow', flowSchema)
  @Refuses('validation_failed')
  async createFlow(
    @CurrentCaller() caller: Caller,
    @Body({ schema: createFlowBody }) body: z.output<typeof createFlowBody>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Flow> {
    const id = newId<FlowId>();
    const flow = await this.deps.database.dataSource.transaction(async (manager) => {
      const flows = flowRepository(manager);
      await flows.create(caller.workspaceId, { id, ...body });
      await noteAct(manager, caller, {
        action: 'flow.created',
        entityId: id,
        entityName: body.name,
        changes: draftChanges(emptyDraft, body.draft),
      });
      return flows.find(caller.workspaceId, id);
    });
    reply.header('location', `/v1/flows/${id}`);
    return this.view(flow);
  }

  @Post(':flowId/copy')
  @Requires('member')
  @ApiOperation({
    summary: 'Copy a flow',
    description: 'The copy has the draft and its samples, and a URL of its own. Nothing of it is published.',
  })
  @Answers(201, 'The copy', flowSchema)
  @Refuses('not_found', 'validation_failed')
  async copyFlow(
    @CurrentCaller() caller: Caller,
    @Param('flowId', { schema: flowIdParam }) id: FlowId,
    @Body({ schema: copyFlowBody }) body: z.output<typeof copyFlowBody>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Flow> {
    const copy = await copyFlow(this.deps, caller, { flowId: id, name: body.name });
    if (!copy) throw missingFlow();
    reply.header('location', `/v1/flows/${copy.id}`);
    return this.view(copy);
  }

  @Get()
  @Requires('member')
  @ApiOperation({ summary: 'List flows', description: 'Newest first.' })
  @Answers(200, 'A page of flows', flowList)
  async listFlows(
    @CurrentCaller() caller: Caller,
    @Query({ schema: flowQuery }) query: z.output<typeof flowQuery>,
  ): Promise<FlowList> {
    const flows = flowRepository(this.deps.database.dataSource.manager);
    const page = await flows.list(caller.workspaceId, { ...query, before: cursorId(query.cursor) });
    const items = await flowViews(this.deps.database, page.items, this.deps.hookUrl);
    return { items, nextCursor: page.next };
  }

  @Get(':flowId')
  @Requires('member')
  @ApiOperation({ summary: 'One flow' })
  @Answers(200, 'The flow', flowSchema)
  @Refuses('not_found')
  async readFlow(@CurrentCaller() caller: Caller, @Param('flowId', { schema: flowIdParam }) id: FlowId): Promise<Flow> {
    return this.view(await flowRepository(this.deps.database.dataSource.manager).find(caller.workspaceId, id));
  }

  @Patch(':flowId')
  @Requires('member')
  @ApiOperation({ summary: 'Rename a flow' })
  @Answers(200, 'The flow', flowSchema)
  @Refuses('not_found', 'validation_failed')
  async renameFlow(
    @CurrentCaller() caller: Caller,
    @Param('flowId', { schema: flowIdParam }) id: FlowId,
    @Body({ schema: renameFlowBody }) body: z.output<typeof renameFlowBody>,
  ): Promise<Flow> {
    const flow = await this.deps.database.dataSource.transaction(async (manager) => {
      const flows = flowRepository(manager);
      const before = await flows.lock(caller.workspaceId, id);
      if (!before || before.name === body.name) return before;
      await flows.rename(caller.workspaceId, id, body.name);
      const changes = fieldChanges({ ...before }, body);
      await noteAct(manager, caller, { action: 'flow.renamed', entityId: id, entityName: body.name, changes });
      return flows.find(caller.workspaceId, id);
    });
    return this.view(flow);
  }

  @Delete(':flowId')
  @Requires('member')
  @ApiOperation({
    summary: 'Delete a flow that is not running',
    description: 'Its runs stay in the run log; those that wait to begin are cancelled.',
  })
  @Answers(204, 'It is gone')
  @Refuses('not_found', 'flow_active')
  async deleteFlow(
    @CurrentCaller() caller: Caller,
    @Param('flowId', { schema: flowIdParam }) id: FlowId,
  ): Promise<void> {
    const { outcome } = await removeFlow(this.deps, caller, id);
    if (outcome === 'missing') throw missingFlow();
    if (outcome === 'active') {
      throw problem('flow_active', { detail: `Stop it first: POST /v1/flows/${id}/stop.` });
    }
  }

  @Post(':flowId/start')
  @Requires('member')
  @ApiOperation({
    summary: 'Start a flow',
    description:
      'From now on its webhook URL takes calls, or its trigger is polled, and runs that had queued up before it was ' +
      'stopped begin. Safe to repeat.',
  })
  @Answers(200, 'The flow', flowSchema)
  @Refuses('not_found', 'flow_not_published', 'flow_paused', 'credential_missing')
  async startFlow(
    @CurrentCaller() caller: Caller,
    @Param('flowId', { schema: flowIdParam }) id: FlowId,
  ): Promise<Flow> {
    const start = await startFlow(this.deps, caller, id);
    switch (start.outcome) {
      case 'started':
        return this.view(start.flow);
      case 'missing':
        throw missingFlow();
      case 'notPublished':
        throw problem('flow_not_published', { detail: `Publish its draft first: POST /v1/flows/${id}/publish.` });
      case 'paused':
        throw problem('flow_paused', { detail: `Resume it: POST /v1/flows/${id}/resume.` });
      case 'credentialsMissing': {
        const detail = `Choose another credential for ${start.stepIds.join(', ')} and publish again.`;
        throw problem('credential_missing', { detail, extra: { steps: start.stepIds } });
      }
      default:
        return assertNever(start);
    }
  }

  @Post(':flowId/stop')
  @Requires('member')
  @ApiOperation({
    summary: 'Stop a flow',
    description:
      'Its webhook URL answers 404 from now on, its trigger is polled no more; runs that began go on. Those that wait to ' +
      'begin stay queued until it is started again, or are cancelled. Safe to repeat.',
  })
  @Answers(200, 'The flow', flowSchema)
  @Refuses('not_found', 'validation_failed')
  async stopFlow(
    @CurrentCaller() caller: Caller,
    @Param('flowId', { schema: flowIdParam }) id: FlowId,
    @Body({ schema: stopFlowBody }) { queued }: z.output<typeof stopFlowBody>,
  ): Promise<Flow> {
    const stop = await stopFlow(this.deps, caller, id);
    if (stop.outcome === 'missing') throw missingFlow();
    if (queued === 'keep') return this.view(stop.flow);
    await cancelQueuedRuns(this.deps, caller, stop.flow);
    return this.view(await flowRepository(this.deps.database.dataSource.manager).find(caller.workspaceId, id));
  }

  private async view(flow: FlowRow | undefined): Promise<Flow> {
    if (!flow) throw missingFlow();
    return flowView(this.deps.database, flow, this.deps.hookUrl);
  }
}

/** The answer to an id that the workspace has no flow of. */
export function missingFlow(): ReturnType<typeof problem> {
  return problem('not_found', { detail: 'There is no flow of this id.' });
}
