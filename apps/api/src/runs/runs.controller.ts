import { Controller, Get, Inject, Param, Query, StreamableFile } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { RunId, StepId } from '@millrace/contracts';
import { countRuns, findRejection, findRun, findWaitingStep } from '@millrace/persistence';
import type { z } from 'zod';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { Answers, Refuses } from '../http/answers.js';
import { CurrentCaller, type Caller } from '../http/caller.js';
import { cursorId, idParam, stepIdParam } from '../http/fields.js';
import { problem } from '../http/problems.js';
import { Requires } from '../http/roles.js';
import { findVisibleRequest } from '../parked/parked-messages.js';
import { readPayload } from './read-payload.js';
import { fateView, parkedFateView, readRun, readRuns, rejectedFateView } from './read-runs.js';
import {
  payloadQuery,
  payloadSchema,
  requestSchema,
  resumeUrlQuery,
  resumeUrlSchema,
  runCount,
  runFilter,
  runList,
  runQuery,
  runSchema,
  type RequestFate,
  type ResumeUrl,
  type Run,
  type RunCount,
  type RunList,
} from './schemas.js';

const maxCount = 10_000;

export const runIdParam = idParam<RunId>('run');
const requestIdParam = idParam<RunId>('request');

@ApiTags('Runs')
@Controller('v1')
export class RunsController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Get('runs')
  @Requires('member')
  @ApiOperation({
    summary: 'List runs',
    description:
      'Newest first. Of each run the first 50 steps; large inputs, outputs and logs are left out, or all of them. ' +
      'Conditions are combined. A search for what is rare stops after some thousand runs and says so (`truncated`).',
  })
  @Answers(200, 'A page of runs with their steps', runList)
  async listRuns(
    @CurrentCaller() caller: Caller,
    @Query({ schema: runQuery }) query: z.output<typeof runQuery>,
  ): Promise<RunList> {
    const { cursor, ...filter } = query;
    const { items, next, truncated } = await readRuns(this.deps, caller.workspaceId, {
      ...filter,
      before: cursorId<RunId>(cursor),
    });
    return { items, nextCursor: next, truncated };
  }

  @Get('runs/count')
  @Requires('member')
  @ApiOperation({
    summary: 'How many runs match',
    description:
      'Counts 10,000 at most, and looks at a bounded number of runs: `more` says that there are, or may be, others.',
  })
  @Answers(200, 'The number', runCount)
  countRuns(
    @CurrentCaller() caller: Caller,
    @Query({ schema: runFilter }) filter: z.output<typeof runFilter>,
  ): Promise<RunCount> {
    return countRuns(this.deps.database.dataSource.manager, caller.workspaceId, filter, maxCount);
  }

  @Get('runs/:runId')
  @Requires('member')
  @ApiOperation({ summary: 'One run with the input and output of each step' })
  @Answers(200, 'The run', runSchema)
  @Refuses('not_found')
  async readRun(@CurrentCaller() caller: Caller, @Param('runId', { schema: runIdParam }) id: RunId): Promise<Run> {
    const run = await readRun(this.deps, caller.workspaceId, id);
    if (!run) throw problem('not_found', { detail: 'There is no run of this id.' });
    return run;
  }

  @Get('runs/:runId/steps/:stepId/payload')
  @Requires('member')
  @ApiOperation({
    summary: 'One payload of a step run, whole',
    description: 'For what a run or a list leaves out for its size. Secret fields are shown as `••••` here, too.',
  })
  @Answers(200, 'The payload as it is shown in a run; null when there is none', payloadSchema)
  @Refuses('not_found')
  async readPayload(
    @CurrentCaller() caller: Caller,
    @Param('runId', { schema: runIdParam }) runId: RunId,
    @Param('stepId', { schema: stepIdParam }) stepId: StepId,
    @Query({ schema: payloadQuery }) query: z.output<typeof payloadQuery>,
  ): Promise<StreamableFile> {
    const text = await readPayload(this.deps, caller.workspaceId, { runId, stepId, ...query });
    if (text === undefined) throw problem('not_found', { detail: 'The run has no such step run.' });
    return new StreamableFile(Buffer.from(text), { type: 'application/json; charset=utf-8' });
  }

  @Get('runs/:runId/steps/:stepId/resume-url')
  @Requires('member')
  @ApiOperation({
    summary: 'The URL that resumes a waiting step',
    description:
      'For whoever resumes a run by hand. Where the step asks for a credential, its callers need that besides. ' +
      '404 when no step run of this step waits for a call.',
  })
  @Answers(200, 'The URL', resumeUrlSchema)
  @Refuses('not_found')
  async readResumeUrl(
    @CurrentCaller() caller: Caller,
    @Param('runId', { schema: runIdParam }) runId: RunId,
    @Param('stepId', { schema: stepIdParam }) stepId: StepId,
    @Query({ schema: resumeUrlQuery }) { path }: z.output<typeof resumeUrlQuery>,
  ): Promise<ResumeUrl> {
    const { manager } = this.deps.database.dataSource;
    const waiting = await findWaitingStep(manager, caller.workspaceId, { runId, stepId, path });
    if (!waiting) throw problem('not_found', { detail: 'No step run of this step waits for a call.' });
    const { versionId, waitsUntil } = waiting;
    const url = this.deps.resumeUrls.sign({ runId, versionId, stepId, path: waiting.path });
    return { url, path: waiting.path, waitsUntil: waitsUntil.toISOString() };
  }

  @Get('requests/:requestId')
  @Requires('member')
  @ApiOperation({
    summary: 'The fate of a request',
    description:
      'By the request id that the answer of the webhook URL held. A run may appear a moment after that answer. ' +
      'A request that is `parked` waits for an administrator, who can release it; one that is `rejected` was refused, ' +
      'and `reason` tells why.',
  })
  @Answers(200, 'What became of it', requestSchema)
  @Refuses('not_found')
  async readRequest(
    @CurrentCaller() caller: Caller,
    @Param('requestId', { schema: requestIdParam }) id: RunId,
  ): Promise<RequestFate> {
    const { manager } = this.deps.database.dataSource;
    const run = await findRun(manager, caller.workspaceId, id);
    if (run) return fateView(run);
    const rejection = await findRejection(manager, caller.workspaceId, id);
    if (rejection) return rejectedFateView(rejection);
    const parked = await findVisibleRequest(this.deps, caller.workspaceId, id);
    if (!parked) throw problem('not_found', { detail: 'No run of this request is known (yet).' });
    return parkedFateView(id, parked);
  }
}
