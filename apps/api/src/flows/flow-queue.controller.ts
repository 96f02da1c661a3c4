import { Body, Controller, Get, Inject, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { assertNever, type FlowId } from '@millrace/contracts';
import { flowQueueRepository, flowRepository, noteAct } from '@millrace/persistence';
import type { z } from 'zod';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { Answers, Refuses } from '../http/answers.js';
import { CurrentCaller, type Caller } from '../http/caller.js';
import { problem } from '../http/problems.js';
import { Requires } from '../http/roles.js';
import { cancelQueuedRuns, pauseFlow, resumeFlow } from './flow-changes.js';
import {
  cancelledRuns,
  flowQueueSchema,
  releaseKeyBody,
  resumeFlowBody,
  type CancelledRuns,
  type FlowQueue,
} from './flow-queue-schemas.js';
import { flowIdParam, missingFlow } from './flows.controller.js';
import { readFlowQueue } from './read-flow-queue.js';
import { flowSchema, type Flow } from './schemas.js';
import { flowView } from './views.js';

@ApiTags('Flows')
@Controller('v1/flows/:flowId')
export class FlowQueueController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Post('pause')
  @Requires('member')
  @ApiOperation({
    summary: 'Pause a flow',
    description:
      'Its webhook URL goes on to take calls; their runs wait as `queued` until it is resumed. Runs that began go on. ' +
      'Callers get the usual answer at once, also where a step of the flow answers them otherwise. Safe to repeat.',
  })
  @Answers(200, 'The flow', flowSchema)
  @Refuses('not_found', 'flow_not_running')
  async pauseFlow(
    @CurrentCaller() caller: Caller,
    @Param('flowId', { schema: flowIdParam }) id: FlowId,
  ): Promise<Flow> {
    const pause = await pauseFlow(this.deps, caller, id);
    switch (pause.outcome) {
      case 'paused':
        return flowView(this.deps.database, pause.flow, this.deps.hookUrl);
      case 'missing':
        throw missingFlow();
      case 'notRunning':
        throw problem('flow_not_running', { detail: `Only a running flow can be paused: POST /v1/flows/${id}/start.` });
      default:
        return assertNever(pause);
    }
  }

  @Post('resume')
  @Requires('member')
  @ApiOperation({
    summary: 'Resume a paused flow',
    description:
      'New requests run at once again; what has queued up begins at the given rate, beside them. Of a flow that runs ' +
      'it sets that rate anew.',
  })
  @Answers(200, 'The flow', flowSchema)
  @Refuses('not_found', 'flow_not_paused', 'validation_failed')
  async resumeFlow(
    @CurrentCaller() caller: Caller,
    @Param('flowId', { schema: flowIdParam }) id: FlowId,
    @Body({ schema: resumeFlowBody }) { runsPerSecond = null }: { runsPerSecond?: number | null | undefined },
  ): Promise<Flow> {
    const resume = await resumeFlow(this.deps, caller, { flowId: id, runsPerSecond });
    switch (resume.outcome) {
      case 'resumed':
        return flowView(this.deps.database, resume.flow, this.deps.hookUrl);
      case 'missing':
        throw missingFlow();
      case 'notPaused':
        throw problem('flow_not_paused', { detail: `It is stopped: POST /v1/flows/${id}/start.` });
      default:
        return assertNever(resume);
    }
  }

  @Get('queue')
  @Requires('member')
  @ApiOperation({
    summary: 'The runs of a flow that wait to begin',
    description: 'And the keys that hold some of them up.',
  })
  @Answers(200, 'Counts, and the keys that failed runs hold up', flowQueueSchema)
  @Refuses('not_found')
  async readQueue(
    @CurrentCaller() caller: Caller,
    @Param('flowId', { schema: flowIdParam }) id: FlowId,
  ): Promise<FlowQueue> {
    const queue = await readFlowQueue(this.deps, caller.workspaceId, id);
    if (!queue) throw missingFlow();
    return queue;
  }

  @Post('queue/cancel')
  @Requires('member')
  @ApiOperation({ summary: 'Cancel the runs of a flow that wait to begin', description: 'Runs that began go on.' })
  @Answers(200, 'How many were cancelled', cancelledRuns)
  @Refuses('not_found')
  async cancelQueue(
    @CurrentCaller() caller: Caller,
    @Param('flowId', { schema: flowIdParam }) id: FlowId,
  ): Promise<CancelledRuns> {
    const { database } = this.deps;
    const flow = await flowRepository(database.dataSource.manager).find(caller.workspaceId, id);
    if (!flow) throw missingFlow();
    return { cancelled: await cancelQueuedRuns(this.deps, caller, flow) };
  }

  @Post('queue/release')
  @Requires('member')
  @ApiOperation({
    summary: 'Let the runs of a key go on though one of it failed',
    description: 'The failed run stays as it is.',
  })
  @Answers(200, 'The queue', flowQueueSchema)
  @Refuses('not_found', 'validation_failed')
  async releaseKey(
    @CurrentCaller() caller: Caller,
    @Param('flowId', { schema: flowIdParam }) id: FlowId,
    @Body({ schema: releaseKeyBody }) { key }: z.output<typeof releaseKeyBody>,
  ): Promise<FlowQueue> {
    const { database } = this.deps;
    const released = await database.dataSource.transaction(async (manager) => {
      const { workspaceId } = caller;
      if (!(await flowQueueRepository(manager).releaseKey(workspaceId, id, Buffer.from(key, 'hex')))) return false;
      const flow = await flowRepository(manager).find(workspaceId, id);
      const changes = [{ field: 'key', after: key }];
      await noteAct(manager, caller, {
        action: 'flow.key_released',
        entityId: id,
        entityName: flow?.name,
        changes,
      });
      return true;
    });
    const queue = await readFlowQueue(this.deps, caller.workspaceId, id);
    if (!queue) throw missingFlow();
    if (!released) throw problem('not_found', { detail: 'No failed run of the flow holds this key up.' });
    return queue;
  }
}
