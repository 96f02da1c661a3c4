import type { BulkJob, RunStatus, VersionChoice } from '../../api/schema.generated.js';

export type RunAction = BulkJob['action'];

/** What can be done with runs, in words. */
export const actWords: Readonly<Record<RunAction, { verb: string; doing: string; done: string; explains: string }>> = {
  retry: {
    verb: 'Retry',
    doing: 'Retrying',
    done: 'retried',
    explains: 'Steps that failed are tried again with the same idempotency key. What has succeeded is not done again.',
  },
  replay: {
    verb: 'Replay',
    doing: 'Replaying',
    done: 'replayed',
    explains:
      'The request runs once more from the first step on, as a new run. Steps that have already taken effect take it again.',
  },
  cancel: {
    verb: 'Cancel',
    doing: 'Cancelling',
    done: 'cancelled',
    explains: 'No further step begins. What a component does at this moment is not interrupted, and its effect stays.',
  },
};

/** In which statuses a run can be acted on so. */
export const statusesOfAct: Readonly<Record<RunAction, readonly RunStatus[]>> = {
  retry: ['failed'],
  cancel: ['queued', 'running', 'waiting'],
  replay: ['queued', 'running', 'waiting', 'succeeded', 'failed', 'cancelled', 'duplicate'],
};

/** Which version is chosen at first; undefined where there is no choice. */
export const defaultVersion: Readonly<Record<RunAction, VersionChoice | undefined>> = {
  retry: 'same',
  replay: 'current',
  cancel: undefined,
};

export function countWords(count: number, one = 'run'): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : `${one}s`}`;
}
