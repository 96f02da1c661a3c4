import { assertNever } from '@millrace/contracts';
import type { ProblemError } from '@millrace/platform';
import { problem } from '../http/problems.js';
import type { Cancellation } from './cancel-run.js';
import type { Replay } from './replay-run.js';
import type { Retry } from './retry-run.js';

type Refused<Outcome extends { outcome: string }, Good extends Outcome['outcome']> = Exclude<
  Outcome,
  { outcome: Good }
>;

export function missingRun(): ProblemError {
  return problem('not_found', { detail: 'There is no run of this id.' });
}

const flowDeleted = () =>
  problem('flow_deleted', { detail: 'Nothing more is begun for a flow that was deleted. Its run log stays.' });

const notPublished = () =>
  problem('flow_not_published', { detail: 'Publish the draft of the flow, or choose the version `same`.' });

export function cancelProblem(refused: Refused<Cancellation, 'cancelled'>): ProblemError {
  switch (refused.outcome) {
    case 'missing':
      return missingRun();
    case 'finished':
      return problem('run_finished', {
        detail: `The run has ended already (${refused.status}): there is nothing to cancel.`,
        extra: { status: refused.status },
      });
    default:
      return assertNever(refused);
  }
}

export function replayProblem(refused: Refused<Replay, 'replayed'>): ProblemError {
  switch (refused.outcome) {
    case 'missing':
      return missingRun();
    case 'flowDeleted':
      return flowDeleted();
    case 'notPublished':
      return notPublished();
    case 'unconfirmed':
      return problem('unavailable', {
        detail: `The broker did not confirm the replay. Before you try again see whether there is a run ${refused.replayId}.`,
        extra: { runId: refused.replayId },
        headers: { 'retry-after': '10' },
      });
    default:
      return assertNever(refused);
  }
}

export function retryProblem(refused: Refused<Retry, 'retried'>): ProblemError {
  switch (refused.outcome) {
    case 'missing':
      return missingRun();
    case 'flowDeleted':
      return flowDeleted();
    case 'notPublished':
      return notPublished();
    case 'notFailed':
      return problem('run_not_failed', {
        detail: `The run is ${refused.status}, and only one that has failed can be retried. To run its request once more, replay it.`,
        extra: { status: refused.status },
      });
    case 'stepNotFailed':
      return problem('step_not_failed', {
        detail: 'In this run the step did not fail there. To run the whole request once more, replay the run.',
      });
    case 'flowChanged':
      return problem('flow_changed', {
        detail: refused.missing
          ? `The published version has no step ${refused.stepId}: retry with the version \`same\`, or replay the run.`
          : `In the published version other steps come before ${refused.stepId}: retry with the version \`same\`, or replay the run.`,
        extra: { stepId: refused.stepId },
      });
    case 'conditionNotTrue':
      return problem('condition_not_true', {
        detail: `By its condition ${refused.stepId} is not to run: retry the other steps with \`fromStep\`.`,
        extra: { stepId: refused.stepId, path: refused.path },
      });
    case 'unmappable':
      return problem('mapping_failed', {
        detail:
          'Nothing was changed. Correct the expressions, publish, and retry with the version `current`; or retry the other steps with `fromStep`.',
        extra: { problems: refused.faults.map((fault) => ({ ...fault })) },
      });
    case 'changed':
      return problem('run_changed', { detail: 'Look at what became of the run before you try again.' });
    case 'sandboxUnavailable':
      return problem('unavailable', {
        detail: 'No process can be started to evaluate the mapping. Nothing was changed. Try again.',
        headers: { 'retry-after': '5' },
      });
    default:
      return assertNever(refused);
  }
}
