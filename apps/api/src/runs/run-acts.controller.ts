import { Body, Controller, Inject, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { requestIdOf, type RunId, type StepId, type StepPath } from '@millrace/contracts';
import { findRun, noteAct } from '@millrace/persistence';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { Answers, Refuses } from '../http/answers.js';
import { CurrentCaller, type Caller } from '../http/caller.js';
import { fieldChanges } from '../http/field-changes.js';
import { Requires } from '../http/roles.js';
import { cancelProblem, missingRun, replayProblem, retryProblem } from './act-problems.js';
import { cancelRun } from './cancel-run.js';
import { summaryView } from './read-runs.js';
import { replayRun, type ReplayOrder } from './replay-run.js';
import { retryRun } from './retry-run.js';
import { runIdParam } from './runs.controller.js';
import {
  replayBody,
  replayedRun,
  retriedRun,
  retryBody,
  runSummary,
  type ReplayedRun,
  type RetriedRun,
  type RetryRun,
  type RunSummary,
} from './schemas.js';

@ApiTags('Runs')
@Controller('v1/runs/:runId')
export class RunActsController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Post('cancel')
  @Requires('member')
  @ApiOperation({
    summary: 'Cancel a run',
    description:
      'Ends a run that is queued, running or waiting, with every open step of it. What a component is doing at that moment is ' +
      'not interrupted, and its effect in the target stays; its result changes nothing any more. A caller who waits for the ' +
      'answer of the flow is told at once. Safe to repeat.',
  })
  @Answers(200, 'The run, cancelled', runSummary)
  @Refuses('not_found', 'run_finished')
  async cancelRun(
    @CurrentCaller() caller: Caller,
    @Param('runId', { schema: runIdParam }) id: RunId,
  ): Promise<RunSummary> {
    const cancellation = await cancelRun(this.deps, caller.workspaceId, id, (manager) =>
      noteAct(manager, caller, { action: 'run.cancelled', entityId: id }),
    );
    if (cancellation.outcome !== 'cancelled') throw cancelProblem(cancellation);
    this.note(caller, id, 'run cancelled');
    return this.summary(caller, id);
  }

  @Post('retry')
  @Requires('member')
  @ApiOperation({
    summary: 'Retry a failed run where it failed',
    description:
      'The steps that failed get a new attempt, and as many after it as their policy grants; what succeeded is not done again. ' +
      'Each attempt has the same idempotency key as those before. A step that never got an input, because its mapping or ' +
      'condition failed, is mapped anew, and so is every step with the version `current`; a mapping that fails again is ' +
      'answered 422 with its errors, and nothing is changed. At most 10,000 step runs at a time.',
  })
  @Answers(200, 'The run, running again', retriedRun)
  @Refuses(
    'not_found',
    'run_not_failed',
    'step_not_failed',
    'run_changed',
    'flow_deleted',
    'flow_not_published',
    'flow_changed',
    'condition_not_true',
    'mapping_failed',
    'validation_failed',
    'unavailable',
  )
  async retryRun(
    @CurrentCaller() caller: Caller,
    @Param('runId', { schema: runIdParam }) id: RunId,
    @Body({ schema: retryBody }) { fromStep, path, version }: RetryRun,
  ): Promise<RetriedRun> {
    const order = {
      runId: id,
      fromStep: fromStep as StepId | undefined,
      path: path as StepPath | undefined,
      version,
    };
    const retry = await retryRun(this.deps, caller.workspaceId, order, (manager) =>
      noteAct(manager, caller, {
        action: 'run.retried',
        entityId: id,
        changes: fieldChanges({}, { fromStep, path, version }),
      }),
    );
    if (retry.outcome !== 'retried') throw retryProblem(retry);
    this.deps.reached('retry.begun');
    this.note(caller, id, 'run retried');
    return { ...(await this.summary(caller, id)), stepsRetried: retry.retried, stepsLeft: retry.left };
  }

  @Post('replay')
  @Requires('member')
  @ApiOperation({
    summary: 'Run the request of a run once more',
    description:
      'As it was stored, as a new run with `replayOf`, from the first step on. It works on whatever became of the run, a ' +
      'duplicate included, and is never taken for a duplicate itself; the flow need not be running. Nobody waits for its ' +
      'answer. Files that came with the request still belong to the old run: their URLs in the replay are good until they ' +
      'expire or the old run is removed.',
  })
  @Answers(202, 'It is accepted, as a webhook request is: nothing can lose it any more', replayedRun)
  @Refuses('not_found', 'flow_deleted', 'flow_not_published', 'validation_failed', 'unavailable')
  async replayRun(
    @CurrentCaller() caller: Caller,
    @Param('runId', { schema: runIdParam }) id: RunId,
    @Body({ schema: replayBody }) { version }: Pick<ReplayOrder, 'version'>,
  ): Promise<ReplayedRun> {
    const replay = await replayRun(this.deps, caller.workspaceId, {
      runId: id,
      version,
      // Where the broker does not confirm, it may have the message: an entry too many is better than one that is missing.
      before: (replayId) =>
        noteAct(this.deps.database.dataSource.manager, caller, {
          action: 'run.replayed',
          entityId: id,
          changes: fieldChanges({}, { version, replayId }),
        }),
    });
    if (replay.outcome !== 'replayed') throw replayProblem(replay);
    this.deps.reached('replay.confirmed');
    this.note(caller, id, 'run replayed');
    return { runId: replay.replayId, requestId: requestIdOf(replay.replayId) };
  }

  private async summary({ workspaceId }: Caller, id: RunId): Promise<RunSummary> {
    const run = await findRun(this.deps.database.dataSource.manager, workspaceId, id);
    if (!run) throw missingRun();
    return summaryView(run);
  }

  private note({ userId }: Caller, runId: RunId, what: string): void {
    this.deps.logger.info({ runId, userId }, what);
  }
}
