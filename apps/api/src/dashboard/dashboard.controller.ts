import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { Answers, Refuses } from '../http/answers.js';
import { CurrentCaller, type Caller } from '../http/caller.js';
import { problem } from '../http/problems.js';
import { Requires } from '../http/roles.js';
import { readDashboard } from './read-dashboard.js';
import { hourMs } from './run-counts.js';
import { dashboardQuery, dashboardSchema, type Dashboard } from './schemas.js';

const maxDays = 400;

@ApiTags('Dashboard')
@Controller('v1/dashboard')
export class DashboardController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Get()
  @Requires('member')
  @ApiOperation({
    summary: 'Runs over time by outcome, and which flows fail',
    description:
      'Up to 3 hours in buckets of 5 minutes, up to 2 days of an hour, up to 8 days of 6 hours, else of a day, in UTC. Numbers ' +
      'of the present hour are as of some seconds; of hours that are over they follow late changes of runs by a twentieth of ' +
      'their age, and by a minute where somebody has acted on a run.',
  })
  @Answers(200, 'The numbers', dashboardSchema)
  @Refuses('invalid_request')
  async readDashboard(
    @CurrentCaller() caller: Caller,
    @Query({ schema: dashboardQuery }) query: z.output<typeof dashboardQuery>,
  ): Promise<Dashboard> {
    const to = query.to ?? new Date();
    const from = query.from ?? new Date(Math.max(0, to.getTime() - 24 * hourMs));
    const spanMs = to.getTime() - from.getTime();
    if (spanMs <= 0 || spanMs > maxDays * 24 * hourMs) {
      throw problem('invalid_request', { detail: `\`from\` must be before \`to\`, by ${maxDays} days at most.` });
    }
    return readDashboard(this.deps, caller.workspaceId, { from, to, flowId: query.flowId });
  }
}
