/**
 * The places between two durable acts at which a process may be killed, each with what is durable there and what is not yet.
 * Whoever adds a durable act names the place behind it here and calls `reached` at it; `e2e/crash-points.e2e.spec.ts`
 * kills a process at every one of them.
 */
export const crashPoints = {
  'file.recorded': 'The row of a file is written, its bytes are not.',
  'file.bytesStored': 'The bytes of a file are stored, its row does not say so.',
  'file.stored': 'A file is stored, the call that brought it is not published.',
  'file.removalBegun': 'The row of a file says that it goes, its bytes are there.',
  'file.bytesRemoved': 'The bytes of a file are gone, its row is not.',
  'hook.confirmed': 'The broker holds a call that its sender has no answer to.',
  'hook.sampleSaved': 'A call is stored and has become a sample, its sender has no answer.',

  'triggers.keysClaimed': 'The keys of triggers are claimed, their runs are not written.',
  'triggers.runsWritten': 'Runs are written, the duplicates among their triggers are not, and no step is sent.',
  'triggers.duplicatesWritten': 'Runs and their duplicates are written, no step is sent.',
  'triggers.runsQueued': 'Runs are in the queues of their flows, their triggers are not acknowledged.',
  'triggers.confirmed': 'The trigger steps are sent, the triggers are not acknowledged.',
  'steps.oneConfirmed': 'One of several steps is sent, the others perhaps not.',
  'results.settled': 'Step runs are ended and those that follow are opened, none of these is sent.',
  'results.placeLeft': 'A run with a place in the queue of its flow has ended, the place is not free.',
  'results.emitted': 'An output of a step that goes on to wait is kept, the steps that follow it are not sent.',
  'results.suspended': 'Step runs wait for a call, the results that said so are not acknowledged.',
  'results.pollSettled': 'What a poll found and its snapshot are kept, the steps that follow are not sent.',
  'results.pollRemoved': 'The run of a poll that found nothing is gone, its result is not acknowledged.',
  'results.confirmed': 'The steps that follow are sent and callers are answered, the results are not acknowledged.',
  'results.postponed': 'Step runs wait for their next attempt, the results of the last one are not acknowledged.',
  'results.collected': 'Step runs wait with their items, their results are not acknowledged.',
  'collections.closed': 'It is decided which items go on together, none of their step runs does.',
  'collections.released': 'Step runs that waited with items run again, their results are not sent.',
  'replies.sent': 'Callers are answered, the results that answered them are not acknowledged.',
  'releases.begun': 'The next attempts of step runs have begun in their rows, their messages are not sent.',
  'releases.sent': 'The next attempts of step runs are sent, their rows say that they are not.',
  'queues.begun': 'Runs that were queued have begun in their rows, their trigger steps are not sent.',
  'queues.sent': 'The trigger steps of runs that were queued are sent, their rows say that they are not.',
  'unsent.taken': 'Who looks after what others have begun has taken steps over and not sent them.',
  'waits.ended': 'The waiting of a step is over in its row, its result is not sent.',
  'waits.sent': 'The result of a step that waited is sent, its row says that it is not.',
  'polls.begun': 'A poll has begun in its row and its schedule has moved on, its trigger step is not sent.',
  'polls.sent': 'The trigger step of a poll is sent, its schedule says that it is not.',
  'polls.taken': 'Who looks after polls that others have begun has taken one over and not sent it.',
  'overdue.putOff': 'The time of overdue step runs is put off, their messages are not sent again.',
  'bundle.partSent': 'A message of a bundle is in the queue by itself, too, the bundle is not acknowledged.',
  'message.parked': 'A message is on the parked queue and, unacknowledged, on the one that it came from.',
  'parked.kept': 'Parked messages are in Postgres, their steps still run.',
  'parked.failed': 'The steps of parked messages have their failures, the messages are not acknowledged.',

  'step.executed': 'A step has had its effect, its result is not sent.',
  'step.confirmed': 'The result of a step is sent, the step is not acknowledged.',

  'resume.kept': 'A call of a resume URL is kept, its sender has no answer.',

  'catalogue.stored': 'What a component said of itself is stored, the message is not acknowledged.',
  'change.committed': 'A change of the control plane is committed, the instances have not heard of it.',
  'change.heard': 'The instances have heard of a change, who made it has no answer.',
  'release.confirmed': 'A parked message is back on its queue, and kept as parked as well.',
  'release.removed': 'A parked message is released, who released it has no answer.',
  'cancel.marked': 'A run is marked as cancelled, its step runs are not ended.',
  'cancel.stepsEnded': 'A run is cancelled with its step runs, neither its caller nor who cancelled it has an answer.',
  'retry.begun': 'A failed run has its next attempt, who retried it has no answer.',
  'replay.confirmed': 'A replay is on its queue, who asked for it has no answer.',
  'flow.removed': 'A flow is deleted, its runs that wait to begin are not cancelled.',
  'job.written': 'A bulk job is written, who began it has no answer.',
  'job.counted': 'The runs of a bulk job are counted, it goes on to be this process’s.',
  'job.acted': 'A bulk job has acted on a run and counted it, it goes on to be this process’s.',
  'job.replayed': 'A bulk job has a replay on its queue, and has not counted it.',
} as const;

export type CrashPoint = keyof typeof crashPoints;

/** Called at a crash point. Does nothing in a process that runs for others than tests. */
export type Reached = (point: CrashPoint) => void;

export const nothingReached: Reached = () => undefined;
