/*
 * The state machine of runs and step runs, against a model of it: commands in any order and any number, each followed by
 * a comparison of all rows, and of what was sent, with what the model says.
 *
 *   step run:  (opened) ─▶ running ──succeeded──▶ succeeded        ends; n outputs open n times what follows
 *                          │  ▲  └───failed, no attempt left──▶ failed ──somebody retries the run──▶ waiting
 *                          │  └─released─ waiting ◀─┐
 *                          └──failed, to be tried again, or it waits for a call─┘
 *
 *   run:       queued ──there is a place, its key is free, nothing is paused──▶ running
 *              running ◀──▶ waiting, while a step of it waits for a call
 *              running ──the last open step ends──▶ succeeded, or failed if a step of it failed ──retried──▶ running
 *              queued, running, waiting ──cancelled──▶ cancelled, with every open step; duplicate from the beginning
 *
 * What has ended never changes but by a retry. Only a result of the present attempt of a step that runs has an effect; every other
 * one, late, early or repeated, changes no row. Sent is what was opened, begun or released just now; what is told again sends again
 * only those first attempts that still run, and only what is overdue is sent without being told. Open steps are counted
 * exactly: `open_steps` is the number of those that run or wait, and a run has finished when there is none. Of a flow that limits
 * and orders its runs no more have places than may, of a key one, and a place is free when the queue is looked at after its
 * run has ended. One call of a resume URL counts, whether it comes before the step or while it waits, and none after. At the end
 * of each sequence all that is open comes to its end, and every place is free.
 *
 * Another state or command: a file beside the others in `state-machine/`, and its name below.
 */
import { seedFlow } from '@millrace/testing';
import fc from 'fast-check';
import { beforeEach, describe, it } from 'vitest';
import { useEngine } from './engine.fixture.js';
import { attemptsAreReleased } from './state-machine/attempts-are-released.fixture.js';
import { earlyResultComes } from './state-machine/early-result-comes.fixture.js';
import { lateResultComes } from './state-machine/late-result-comes.fixture.js';
import { finish } from './state-machine/finish.fixture.js';
import { flowIsPaused } from './state-machine/flow-is-paused.fixture.js';
import { definitionOf, Model } from './state-machine/model.fixture.js';
import { overdueIsSent } from './state-machine/overdue-is-sent.fixture.js';
import { queueIsLookedAt } from './state-machine/queue-is-looked-at.fixture.js';
import { Real, type Command } from './state-machine/real.fixture.js';
import { resultComesAgain } from './state-machine/result-comes-again.fixture.js';
import { resumeUrlIsCalled } from './state-machine/resume-url-is-called.fixture.js';
import { runIsCancelled } from './state-machine/run-is-cancelled.fixture.js';
import { runIsRetried } from './state-machine/run-is-retried.fixture.js';
import { stepFails } from './state-machine/step-fails.fixture.js';
import { stepSucceeds } from './state-machine/step-succeeds.fixture.js';
import { stepWaits } from './state-machine/step-waits.fixture.js';
import { triggerComesAgain } from './state-machine/trigger-comes-again.fixture.js';
import { triggerComes } from './state-machine/trigger-comes.fixture.js';
import { waitsAreLookedAt } from './state-machine/waits-are-looked-at.fixture.js';

const commands: fc.Arbitrary<Command>[] = [
  triggerComes,
  triggerComesAgain,
  // More often than others, or most sequences would end before much has happened.
  stepSucceeds,
  stepSucceeds,
  stepSucceeds,
  stepFails,
  stepFails,
  resultComesAgain,
  lateResultComes,
  earlyResultComes,
  attemptsAreReleased,
  overdueIsSent,
  queueIsLookedAt,
  queueIsLookedAt,
  flowIsPaused,
  stepWaits,
  stepWaits,
  resumeUrlIsCalled,
  waitsAreLookedAt,
  runIsCancelled,
  runIsRetried,
];

const engine = useEngine();
// What another sequence left open would be released with the rest.
const truncate = () => engine.database.dataSource.query('truncate run, step_run, held_run, flow_queue, resume');
beforeEach(truncate);

describe('runs and their steps', () => {
  it('are what the model says after any sequence of commands, and all of them end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.commands(commands, { maxCommands: 100, size: 'max' }),
        async (queues, sequence) => {
          await truncate();
          const flow = await seedFlow(engine.database, definitionOf(queues));
          const model = new Model(queues);
          const real = new Real(engine, flow);
          await fc.asyncModelRun(() => ({ model, real }), sequence);
          await finish(model, real);
        },
      ),
      // A failure tells its seed and path: give them to `fc.assert` to see it again.
      { numRuns: 60, interruptAfterTimeLimit: 15_000 },
    );
  }, 120_000);
});
