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
  'triggers.confirmed': 'The trigger steps are sent, the triggers are not acknowledged.',
  'steps.oneConfirmed': 'One of several steps is sent, the others perhaps not.',
  'results.settled': 'Step runs are ended and those that follow are opened, none of these is sent.',
  'results.confirmed': 'The steps that follow are sent and callers are answered, the results are not acknowledged.',
  'results.postponed': 'Step runs wait for their next attempt, the results of the last one are not acknowledged.',
  'results.collected': 'Step runs wait with their items, their results are not acknowledged.',
  'collections.closed': 'It is decided which items go on together, none of their step runs does.',
  'collections.released': 'Step runs that waited with items run again, their results are not sent.',
  'replies.sent': 'Callers are answered, the results that answered them are not acknowledged.',
  'releases.begun': 'The next attempts of step runs have begun in their rows, their messages are not sent.',
  'overdue.putOff': 'The time of overdue step runs is put off, their messages are not sent again.',
  'message.parked': 'A message is on the parked queue and, unacknowledged, on the one that it came from.',
  'parked.kept': 'Parked messages are in Postgres, their steps still run.',
  'parked.failed': 'The steps of parked messages have their failures, the messages are not acknowledged.',

  'step.executed': 'A step has had its effect, its result is not sent.',
  'step.confirmed': 'The result of a step is sent, the step is not acknowledged.',

  'catalogue.stored': 'What a component said of itself is stored, the message is not acknowledged.',
  'change.committed': 'A change of the control plane is committed, the instances have not heard of it.',
  'change.heard': 'The instances have heard of a change, who made it has no answer.',
  'release.confirmed': 'A parked message is back on its queue, and kept as parked as well.',
  'release.removed': 'A parked message is released, who released it has no answer.',
} as const;

export type CrashPoint = keyof typeof crashPoints;

/** Called at a crash point. Does nothing in a process that runs for others than tests. */
export type Reached = (point: CrashPoint) => void;

export const nothingReached: Reached = () => undefined;
