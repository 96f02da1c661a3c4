import { Body, Controller, Get, Inject, Patch } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { changeRetention, findWorkspace, noteAct } from '@millrace/persistence';
import type { z } from 'zod';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { Answers, Refuses } from '../http/answers.js';
import { CurrentCaller, type Caller } from '../http/caller.js';
import { fieldChanges } from '../http/field-changes.js';
import { problem } from '../http/problems.js';
import { Requires } from '../http/roles.js';
import { changeWorkspaceBody, workspaceSchema, type Workspace } from './schemas.js';

@ApiTags('Workspace')
@Controller('v1/workspace')
export class WorkspaceController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Get()
  @Requires('administrator')
  @ApiOperation({ summary: 'The workspace of the caller' })
  @Answers(200, 'The workspace with its settings', workspaceSchema)
  async readWorkspace(@CurrentCaller() caller: Caller): Promise<Workspace> {
    const found = await findWorkspace(this.deps.database.dataSource.manager, caller.workspaceId);
    if (!found) throw problem('not_found', { detail: 'The workspace does not exist any more.' });
    return found;
  }

  @Patch()
  @Requires('administrator')
  @ApiOperation({
    summary: 'Change the settings of the workspace',
    description: 'Runs that are older than they are kept go within some hours, those that have not ended never.',
  })
  @Answers(200, 'The workspace with its settings', workspaceSchema)
  @Refuses('validation_failed')
  async changeWorkspace(
    @CurrentCaller() caller: Caller,
    @Body({ schema: changeWorkspaceBody }) { retentionDays }: z.output<typeof changeWorkspaceBody>,
  ): Promise<Workspace> {
    const { workspaceId } = caller;
    await this.deps.database.dataSource.transaction(async (manager) => {
      const before = await findWorkspace(manager, workspaceId);
      await changeRetention(manager, workspaceId, retentionDays);
      const changes = fieldChanges({ ...before }, { retentionDays });
      if (!before || changes.length === 0) return;
      const { name } = before;
      await noteAct(manager, caller, { action: 'workspace.changed', entityId: workspaceId, entityName: name, changes });
    });
    this.deps.logger.info(
      { userId: caller.userId, workspaceId: caller.workspaceId, retentionDays },
      'retention changed',
    );
    return this.readWorkspace(caller);
  }
}
