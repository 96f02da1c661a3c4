import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FlowId } from '@millrace/contracts';
import { flowRepository } from '@millrace/persistence';
import type { z } from 'zod';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { flowIdParam, missingFlow } from '../flows/flows.controller.js';
import { Answers, Refuses } from '../http/answers.js';
import { CurrentCaller, type Caller } from '../http/caller.js';
import { Requires } from '../http/roles.js';
import { readIncidents } from './read-incidents.js';
import { incidentList, incidentQuery, workspaceIncidentQuery, type IncidentList } from './schemas.js';

const weekMs = 7 * 24 * 3_600_000;
/** A run that begins while the question is asked belongs to it, by whichever clock. */
const aheadMs = 60_000;

@ApiTags('Flows')
@Controller('v1')
export class IncidentsController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Get('flows/:flowId/incidents')
  @Requires('member')
  @ApiOperation({
    summary: 'Failures of a flow by kind',
    description:
      'Failed steps of failed runs, grouped by step, code and message; numbers, ids, times, quoted values and addresses in ' +
      'the message make no difference. What was seen last comes first. The newest 10,000 failures of the time are counted. ' +
      'A failure that was retried is none any more, unless it failed again.',
  })
  @Answers(200, 'The kinds of failures', incidentList)
  @Refuses('not_found')
  async listIncidents(
    @CurrentCaller() caller: Caller,
    @Param('flowId', { schema: flowIdParam }) flowId: FlowId,
    @Query({ schema: incidentQuery }) query: z.output<typeof incidentQuery>,
  ): Promise<IncidentList> {
    const { manager } = this.deps.database.dataSource;
    if (!(await flowRepository(manager).find(caller.workspaceId, flowId))) throw missingFlow();
    return this.read(caller, { ...query, flowId });
  }

  @Get('incidents')
  @Requires('member')
  @ApiOperation({
    summary: 'Failures of all flows by kind',
    description: 'As those of one flow. The same failure of two flows is two incidents.',
  })
  @Answers(200, 'The kinds of failures', incidentList)
  listAllIncidents(
    @CurrentCaller() caller: Caller,
    @Query({ schema: workspaceIncidentQuery }) query: z.output<typeof workspaceIncidentQuery>,
  ): Promise<IncidentList> {
    return this.read(caller, query);
  }

  private async read(caller: Caller, query: z.output<typeof workspaceIncidentQuery>): Promise<IncidentList> {
    const { manager } = this.deps.database.dataSource;
    const { flowId, limit } = query;
    const to = query.to ?? new Date(Date.now() + aheadMs);
    const from = query.from ?? new Date(Math.max(0, to.getTime() - weekMs));
    const found = await readIncidents(manager, caller.workspaceId, { flowId, from, to, limit });
    const items = found.items.map((incident) => ({
      ...incident,
      firstSeenAt: incident.firstSeenAt.toISOString(),
      lastSeenAt: incident.lastSeenAt.toISOString(),
    }));
    return { items, nextCursor: null, truncated: found.truncated };
  }
}
