/*
 * The state machine of runs and step runs, against a model of it: commands in any order and any number, each followed by
 * a comparison of all rows, and of what was sent, with what the model says.
 *
 *   step run:  (opened) ─▶ running ──succeeded──▶ succeeded        ends; n outputs open n times what follows
 *                          │  ▲  └───failed, no attempt left──▶ failed
 *                          │  └─released─ waiting ◀─┐
 *                          └──failed, to be tried again─┘          the attempt counts one up
 *
 *   run:       running ──the last open step ends──▶ succeeded, or failed if a step of it failed
 *
 * What has ended never changes. Only a result of the present attempt of a step that runs has an effect; every other one, late, early
 * or repeated, changes no row. Sent is what was opened or released just now; what is told again sends again only those first
 * attempts that still run, and only what is overdue is sent without being told. Open steps are counted exactly: `open_steps` is the
 * number of those that run or wait, and a run has finished when there is none.
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
import { definition, Model } from './state-machine/model.fixture.js';
import { overdueIsSent } from './state-machine/overdue-is-sent.fixture.js';
import { Real, type Command } from './state-machine/real.fixture.js';
import { resultComesAgain } from './state-machine/result-comes-again.fixture.js';
import { stepFails } from './state-machine/step-fails.fixture.js';
import { stepSucceeds } from './state-machine/step-succeeds.fixture.js';
import { triggerComesAgain } from './state-machine/trigger-comes-again.fixture.js';
import { triggerComes } from './state-machine/trigger-comes.fixture.js';

const commands: fc.Arbitrary<Command>[] = [
  triggerComes,
  triggerComesAgain,
  stepSucceeds,
  // Twice, or most sequences would end before much has happened.
  stepSucceeds,
  stepFails,
  resultComesAgain,
  lateResultComes,
  earlyResultComes,
  attemptsAreReleased,
  overdueIsSent,
];

const engine = useEngine();
// What another sequence left open would be released with the rest.
beforeEach(() => engine.database.dataSource.query('truncate run, step_run'));

describe('runs and their steps', () => {
  it('are what the model says after any sequence of commands', async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands(commands, { maxCommands: 40, size: 'max' }), async (sequence) => {
        await engine.database.dataSource.query('truncate run, step_run');
        const flow = await seedFlow(engine.database, definition);
        await fc.asyncModelRun(() => ({ model: new Model(), real: new Real(engine, flow) }), sequence);
      }),
      // A failure tells its seed and path: give them to `fc.assert` to see it again.
      { numRuns: 60, interruptAfterTimeLimit: 25_000 },
    );
  }, 120_000);
});
