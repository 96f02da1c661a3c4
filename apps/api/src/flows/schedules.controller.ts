import { Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FlowId } from '@millrace/contracts';
import { flowRepository, flowVersionRepository, noteAct, scheduleRepository } from '@millrace/persistence';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { Answers, Refuses } from '../http/answers.js';
import { CurrentCaller, type Caller } from '../http/caller.js';
import { problem } from '../http/problems.js';
import { Requires } from '../http/roles.js';
import { flowIdParam, missingFlow } from './flows.controller.js';
import { flowSchedule, type FlowSchedule } from './schedule-schemas.js';
import { scheduleView } from './views.js';

@ApiTags('Flows')
@Controller('v1/flows/:flowId')
export class SchedulesController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Get('schedule')
  @Requires('member')
  @ApiOperation({
    summary: 'When a flow is polled, and what its trigger keeps',
    description: 'Of a flow whose published version has a polling trigger.',
  })
  @Answers(200, 'Its schedule', flowSchedule)
  @Refuses('not_found', 'no_schedule')
  async readSchedule(
    @CurrentCaller() caller: Caller,
    @Param('flowId', { schema: flowIdParam }) id: FlowId,
  ): Promise<FlowSchedule> {
    const { manager } = this.deps.database.dataSource;
    const row = await scheduleRepository(manager).find(caller.workspaceId, id);
    if (!row) throw await this.noSchedule(caller, id);
    const version = await flowVersionRepository(manager).find(caller.workspaceId, row.versionId);
    return scheduleView(row, version?.definition.steps[0]?.schedule ?? {});
  }

  @Post('snapshot/reset')
  @HttpCode(200)
  @Requires('member')
  @ApiOperation({
    summary: 'Forget what the polling trigger of a flow kept',
    description:
      'The next poll takes everything as new. What a poll that is under way saves is not kept. Safe to repeat.',
  })
  @Answers(200, 'Its schedule', flowSchedule)
  @Refuses('not_found', 'no_schedule')
  async resetSnapshot(
    @CurrentCaller() caller: Caller,
    @Param('flowId', { schema: flowIdParam }) id: FlowId,
  ): Promise<FlowSchedule> {
    const forgotten = await this.deps.database.dataSource.transaction(async (manager) => {
      if (!(await scheduleRepository(manager).forgetSnapshot(caller.workspaceId, id))) return false;
      const flow = await flowRepository(manager).find(caller.workspaceId, id);
      await noteAct(manager, caller, { action: 'flow.snapshot_reset', entityId: id, entityName: flow?.name });
      return true;
    });
    if (!forgotten) throw await this.noSchedule(caller, id);
    return this.readSchedule(caller, id);
  }

  private async noSchedule(caller: Caller, id: FlowId): Promise<Error> {
    const flow = await flowRepository(this.deps.database.dataSource.manager).find(caller.workspaceId, id);
    if (!flow) return missingFlow();
    const detail = flow.publishedVersionId
      ? 'Its published version is set off by calls of its webhook URL, not by a schedule.'
      : 'Nothing of it is published yet: publish a draft that begins with a polling trigger.';
    return problem('no_schedule', { detail });
  }
}
