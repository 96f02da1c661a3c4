import { Body, Controller, Get, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { millisOf, newId } from '@millrace/contracts';
import { cancelBulkJob, findBulkJob, insertBulkJob, listBulkJobs, noteAct } from '@millrace/persistence';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { Answers, Refuses } from '../http/answers.js';
import { CurrentCaller, type Caller } from '../http/caller.js';
import { fieldChanges } from '../http/field-changes.js';
import { cursorId, idParam, pageFields } from '../http/fields.js';
import { problem } from '../http/problems.js';
import { Requires } from '../http/roles.js';
import { bulkBody, jobList, jobSchema, jobView, type BulkBody, type Job, type JobList } from './schemas.js';

const jobIdParam = idParam<string>('job');
const pageQuery = z.object(pageFields);
/** Of a workspace, that wait or run. */
export const maxOpenJobs = 100;
const defaultVersions = { retry: 'same', replay: 'current', cancel: null } as const;

@ApiTags('Runs')
@Controller('v1')
export class JobsController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Post('runs/bulk')
  @Requires('member')
  @ApiOperation({
    summary: 'Retry, replay or cancel many runs',
    description:
      'As a job, on every run that matches the filter and began before now, the oldest first. What a run has become when its ' +
      'turn comes decides: one that does not match any more is left out. A job goes on where it was when a process dies, and ' +
      'does nothing twice. A workspace has one job running at a time.',
  })
  @Answers(202, 'The job', jobSchema)
  @Refuses('validation_failed', 'too_many_requests')
  async startJob(
    @CurrentCaller() caller: Caller,
    @Body({ schema: bulkBody }) { filter, action, version }: BulkBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Job> {
    const { workspaceId, userId } = caller;
    const id = newId<string>();
    const order = {
      action,
      version: version ?? defaultVersions[action],
      filter: JSON.parse(JSON.stringify(filter)) as Job['filter'],
    };
    const written = await this.deps.database.dataSource.transaction(async (manager) => {
      const job = { id, ...order, createdBy: userId, createdAt: new Date(millisOf(id)), maxOpen: maxOpenJobs };
      if (!(await insertBulkJob(manager, workspaceId, job))) return false;
      await noteAct(manager, caller, {
        action: 'job.created',
        entityId: id,
        entityName: action,
        changes: fieldChanges({}, order),
      });
      return true;
    });
    if (!written) {
      throw problem('too_many_requests', {
        detail: `${maxOpenJobs} jobs of this workspace are not done yet: wait for one of them, or cancel one.`,
        headers: { 'retry-after': '60' },
      });
    }
    this.deps.reached('job.written');
    this.deps.logger.info({ jobId: id, action, userId }, 'bulk job begun');
    this.deps.wakeJobs();
    reply.header('location', `/v1/jobs/${id}`);
    return this.find(workspaceId, id);
  }

  @Get('jobs')
  @Requires('member')
  @ApiOperation({ summary: 'List bulk jobs', description: 'Newest first. They are kept for 90 days.' })
  @Answers(200, 'A page of jobs', jobList)
  async listJobs(
    @CurrentCaller() { workspaceId }: Caller,
    @Query({ schema: pageQuery }) { limit, cursor }: z.output<typeof pageQuery>,
  ): Promise<JobList> {
    const page = await listBulkJobs(this.deps.database.dataSource.manager, workspaceId, {
      limit,
      before: cursorId<string>(cursor),
    });
    return { items: page.items.map(jobView), nextCursor: page.next };
  }

  @Get('jobs/:jobId')
  @Requires('member')
  @ApiOperation({ summary: 'One bulk job with its progress' })
  @Answers(200, 'The job', jobSchema)
  @Refuses('not_found')
  readJob(@CurrentCaller() { workspaceId }: Caller, @Param('jobId', { schema: jobIdParam }) id: string): Promise<Job> {
    return this.find(workspaceId, id);
  }

  @Post('jobs/:jobId/cancel')
  @Requires('member')
  @ApiOperation({
    summary: 'Cancel a bulk job',
    description: 'It acts on no more runs; what it did stays done. Safe to repeat.',
  })
  @Answers(200, 'The job', jobSchema)
  @Refuses('not_found', 'job_finished')
  async cancelJob(@CurrentCaller() caller: Caller, @Param('jobId', { schema: jobIdParam }) id: string): Promise<Job> {
    const { workspaceId, userId } = caller;
    await this.deps.database.dataSource.transaction(async (manager) => {
      if (!(await cancelBulkJob(manager, workspaceId, id))) return;
      await noteAct(manager, caller, { action: 'job.cancelled', entityId: id });
    });
    const job = await this.find(workspaceId, id);
    if (job.status === 'done') throw problem('job_finished', { detail: 'It is done: there is nothing to cancel.' });
    this.deps.logger.info({ jobId: id, userId }, 'bulk job cancelled');
    return job;
  }

  private async find(workspaceId: Caller['workspaceId'], id: string): Promise<Job> {
    const job = await findBulkJob(this.deps.database.dataSource.manager, workspaceId, id);
    if (!job) throw problem('not_found', { detail: 'There is no job of this id.' });
    return jobView(job);
  }
}
